/* Clocks and pins of the serial port. Where each register is, and which bit, differs from chip to chip and is in the
 * board file; what a GPIO port looks like does not (RM0090, RM0351, RM0410, RM0432: GPIO registers).
 *
 * All clocks are as after reset: the internal oscillator, no PLL, no wait states of the flash. The serial port may have
 * one of its own, TK_UART_CLOCK_SELECT: HSI16, the L4's internal oscillator for peripherals, which divides better. */
#include "stm32.h"

#define GPIO_MODER TK_REG(TK_GPIO_BASE + 0x00u)
#define GPIO_PUPDR TK_REG(TK_GPIO_BASE + 0x0Cu)
#define GPIO_AFR(pin) TK_REG(TK_GPIO_BASE + 0x20u + 4u * ((pin) / 8u))
#define CR_HSI16_ON (1u << 8)
#define CR_HSI16_READY (1u << 10)
#define SELECT_HSI16 2u
#define MODE_ALTERNATE 2u
#define PULL_UP 1u

static void enable(uint32_t address, uint32_t bit)
{
    TK_REG(address) |= 1u << bit;
    (void)TK_REG(address); /* the clock comes up to two cycles later: errata ES0182, RCC */
    (void)TK_REG(address);
}

static void connect(uint32_t pin)
{
    const uint32_t nibble = 4u * (pin % 8u);
    GPIO_AFR(pin) = (GPIO_AFR(pin) & ~(15u << nibble)) | ((uint32_t)TK_GPIO_ALTERNATE << nibble);
    GPIO_MODER = (GPIO_MODER & ~(3u << (2u * pin))) | (MODE_ALTERNATE << (2u * pin));
}

void tk_stm32_pins(void)
{
#if defined(TK_POWER_ENABLE)
    /* A pin group with a supply of its own, whose voltage the chip has to be told is there. */
    enable(TK_POWER_ENABLE, TK_POWER_ENABLE_BIT);
    enable(TK_POWER_SUPPLY, TK_POWER_SUPPLY_BIT);
#endif
    enable(TK_GPIO_ENABLE, TK_GPIO_ENABLE_BIT);
    enable(TK_UART_ENABLE, TK_UART_ENABLE_BIT);
#if defined(TK_UART_CLOCK_SELECT)
    TK_REG(TK_RCC_BASE) |= CR_HSI16_ON;
    tk_stm32_wait(TK_RCC_BASE, CR_HSI16_READY, CR_HSI16_READY);
    TK_REG(TK_UART_CLOCK_SELECT) = (TK_REG(TK_UART_CLOCK_SELECT) & ~(3u << TK_UART_CLOCK_SELECT_BIT)) |
                                   (SELECT_HSI16 << TK_UART_CLOCK_SELECT_BIT);
#endif
    connect(TK_UART_TX_PIN);
    connect(TK_UART_RX_PIN);
    /* A line that nobody drives must not look like a start bit. */
    GPIO_PUPDR = (GPIO_PUPDR & ~(3u << (2u * TK_UART_RX_PIN))) | (PULL_UP << (2u * TK_UART_RX_PIN));
}
