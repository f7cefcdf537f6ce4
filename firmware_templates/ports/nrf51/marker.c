/* The marker on a GPIO of the nRF51 (nRF51 Series Reference Manual 3.0, chapter GPIO) or nRF52 (nRF52840 Product
 * Specification, chapter GPIO: port 1 is 0x300 above port 0). */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

#define GPIO (0x50000000u + 0x300u * (TK_MARKER_PIN / 32u))
#define GPIO_OUTSET TK_REG(GPIO + 0x508u)
#define GPIO_OUTCLR TK_REG(GPIO + 0x50Cu)
#define GPIO_PIN_CNF TK_REG(GPIO + 0x700u + 4u * (TK_MARKER_PIN % 32u))
#define PIN_OUTPUT 3u /* output, input buffer disconnected */
#define PIN_BIT (1u << (TK_MARKER_PIN % 32u))

void tk_port_marker_init(void)
{
    GPIO_OUTCLR = PIN_BIT;
    GPIO_PIN_CNF = PIN_OUTPUT;
}

void tk_port_marker(int on)
{
    if (on) {
        GPIO_OUTSET = PIN_BIT;
    } else {
        GPIO_OUTCLR = PIN_BIT;
    }
}
