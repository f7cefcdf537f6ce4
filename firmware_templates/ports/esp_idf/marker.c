/* The marker on a GPIO (ESP-IDF Programming Guide, "GPIO & RTC GPIO"). Levels are kept over a restart until the pin is
 * set up anew: what faults in an inference leaves it high for so long. */
#include "tk_config.h"
#include "tk_port.h"

#include "driver/gpio.h"
#include "esp_err.h"

#define PIN ((gpio_num_t)TK_MARKER_PIN)

void tk_port_marker_init(void)
{
    /* Not gpio_reset_pin(), which turns a pull-up on. */
    const gpio_config_t output = {
        .pin_bit_mask = UINT64_C(1) << TK_MARKER_PIN,
        .mode = GPIO_MODE_OUTPUT,
        .pull_up_en = GPIO_PULLUP_DISABLE,
        .pull_down_en = GPIO_PULLDOWN_DISABLE,
        .intr_type = GPIO_INTR_DISABLE,
    };

    ESP_ERROR_CHECK(gpio_set_level(PIN, 0));
    ESP_ERROR_CHECK(gpio_config(&output));
}

void tk_port_marker(int on)
{
    (void)gpio_set_level(PIN, on != 0);
}
