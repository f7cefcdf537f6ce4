/* The marker on a GPIO of the RP2040 or RP2350, through the Pico SDK (hardware_gpio). */
#include "tk_config.h"
#include "tk_port.h"

#include "hardware/gpio.h"
#include "pico/binary_info.h"

bi_decl(bi_1pin_with_name(TK_MARKER_PIN, "marker of timed inferences")) /* `picotool info` shows it */

void tk_port_marker_init(void)
{
    gpio_init(TK_MARKER_PIN); /* low when it becomes an output */
    gpio_set_dir(TK_MARKER_PIN, GPIO_OUT);
}

void tk_port_marker(int on)
{
    gpio_put(TK_MARKER_PIN, on != 0);
}
