/* The marker on a GPIO (RM0090, RM0351, RM0410, RM0432: GPIO registers, and RCC: the ports' clocks are neighbouring bits
 * of one register, in the order of the ports, which lie 1 KB apart). Pin 16 p + n is number n of port p; 0 is A. */
#include "stm32.h"
#include "tk_port.h"

#define PORT (TK_MARKER_PIN / 16u)
#define PIN (TK_MARKER_PIN % 16u)
/* The board file says where the serial port's GPIO is, and with its clock's bit which of them that is. */
#define GPIO (TK_GPIO_BASE - 0x400u * TK_GPIO_ENABLE_BIT + 0x400u * PORT)
#define GPIO_MODER TK_REG(GPIO + 0x00u)
#define GPIO_BSRR TK_REG(GPIO + 0x18u)
#define MODE_OUTPUT 1u

void tk_port_marker_init(void)
{
    TK_REG(TK_GPIO_ENABLE) |= 1u << PORT;
    (void)TK_REG(TK_GPIO_ENABLE); /* the clock comes up to two cycles later: errata ES0182, RCC */
    (void)TK_REG(TK_GPIO_ENABLE);
    tk_port_marker(0);
    GPIO_MODER = (GPIO_MODER & ~(3u << (2u * PIN))) | (MODE_OUTPUT << (2u * PIN));
}

void tk_port_marker(int on)
{
    GPIO_BSRR = 1u << (on ? PIN : PIN + 16u);
}
