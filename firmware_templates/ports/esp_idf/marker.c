/* The marker on a GPIO (ESP-IDF Programming Guide, "GPIO & RTC GPIO"). Levels are kept over a restart until the pin is
 * set up anew: what faults in an inference leaves it high for so long. */
#include "tk_config.h"
#include "tk_port.h"

#include "driver/gpio.h"
#include "esp_err.h"

#define PIN ((gpio_num_t)TK_MARKER_PIN)

void tk_port_marker_init(void)
{
    ESP_ERROR_CHECK(gpio_set_level(PIN, 0));
    ESP_ERROR_CHECK(gpio_reset_pin(PIN));
    ESP_ERROR_CHECK(gpio_set_level(PIN, 0));
    ESP_ERROR_CHECK(gpio_set_direction(PIN, GPIO_MODE_OUTPUT));
}

void tk_port_marker(int on)
{
    (void)gpio_set_level(PIN, on != 0);
}
