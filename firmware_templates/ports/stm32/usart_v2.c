/* USART and LPUART of the STM32 F0, F3, F7 and L4 (RM0351, RM0410 and RM0432, USART and LPUART registers): the same
 * but for the LPUART's finer divider. */
#include "stm32.h"
#include "tk_port.h"

#if defined(TK_USART_V2_BASE)

#define USART_CR1 TK_REG(TK_USART_V2_BASE + 0x00u)
#define USART_BRR TK_REG(TK_USART_V2_BASE + 0x0Cu)
#define USART_ISR TK_REG(TK_USART_V2_BASE + 0x1Cu)
#define USART_ICR TK_REG(TK_USART_V2_BASE + 0x20u)
#define USART_RDR TK_REG(TK_USART_V2_BASE + 0x24u)
#define USART_TDR TK_REG(TK_USART_V2_BASE + 0x28u)

#define CR1_ENABLE (1u << 0)
#define CR1_RX_ENABLE (1u << 2)
#define CR1_TX_ENABLE (1u << 3)
#define CR1_RX_INTERRUPT (1u << 5)
#define ISR_RECEIVED (1u << 5)
#define ISR_TX_EMPTY (1u << 7)
#define ICR_ERRORS 0xFu /* parity, framing, noise, overrun; an overrun would raise the interrupt for ever */

#if defined(TK_UART_IS_LPUART)
#define DIVIDER_SCALE 256u /* RM0432, LPUART baud rate generation: baud = 256 clock / BRR */
#else
#define DIVIDER_SCALE 1u
#endif

#define DIVIDER ((DIVIDER_SCALE * UINT64_C(1) * TK_UART_CLOCK_HZ + TK_LINK_BAUD / 2u) / TK_LINK_BAUD)
#if defined(TK_UART_IS_LPUART) && (DIVIDER < 0x300 || DIVIDER > 0xFFFFF)
#error "the LPUART cannot make this rate of its clock: link.baud must be between a 4096th and a third of TK_UART_CLOCK_HZ"
#elif !defined(TK_UART_IS_LPUART) && (DIVIDER < 16 || DIVIDER > 0xFFFF)
#error "the USART cannot make this rate of its clock: link.baud must be at most a 16th of TK_UART_CLOCK_HZ"
#endif

void tk_uart_interrupt(void)
{
    USART_ICR = ICR_ERRORS;
    while ((USART_ISR & ISR_RECEIVED) != 0) {
        tk_received((uint8_t)USART_RDR);
    }
}

void tk_port_init(void)
{
    tk_stm32_pins();
    USART_CR1 = 0; /* the divider can be changed only while it is off */
    USART_BRR = (uint32_t)DIVIDER;
    USART_CR1 = CR1_TX_ENABLE | CR1_RX_ENABLE | CR1_RX_INTERRUPT;
    USART_CR1 |= CR1_ENABLE;
    tk_stm32_receive_interrupt_on();
    tk_counter_init();
    tk_irq_on();
}

void tk_port_write(const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        while ((USART_ISR & ISR_TX_EMPTY) == 0) {
        }
        USART_TDR = data[i];
    }
}

#endif
