/* USART of the STM32 F1, F2 and F4 (RM0090, USART registers): one data register for both directions. */
#include "stm32.h"
#include "tk_port.h"

#if defined(TK_USART_V1_BASE)

#define USART_SR TK_REG(TK_USART_V1_BASE + 0x00u)
#define USART_DR TK_REG(TK_USART_V1_BASE + 0x04u)
#define USART_BRR TK_REG(TK_USART_V1_BASE + 0x08u)
#define USART_CR1 TK_REG(TK_USART_V1_BASE + 0x0Cu)

#define SR_OVERRUN (1u << 3)
#define SR_RECEIVED (1u << 5)
#define SR_TX_EMPTY (1u << 7)
#define CR1_RX_ENABLE (1u << 2)
#define CR1_TX_ENABLE (1u << 3)
#define CR1_RX_INTERRUPT (1u << 5)
#define CR1_ENABLE (1u << 13)

#define DIVIDER ((TK_UART_CLOCK_HZ + TK_LINK_BAUD / 2u) / TK_LINK_BAUD)
#if DIVIDER < 16 || DIVIDER > 0xFFFF
#error "the USART cannot make this rate of its clock: link.baud must be at most a 16th of TK_UART_CLOCK_HZ"
#endif

void tk_uart_interrupt(void)
{
    /* Reading the status and then the data also clears an overrun, which would raise the interrupt for ever. */
    uint32_t status = USART_SR;
    while ((status & (SR_RECEIVED | SR_OVERRUN)) != 0) {
        const uint8_t byte = (uint8_t)USART_DR;
        if ((status & SR_RECEIVED) != 0) {
            tk_received(byte);
        }
        status = USART_SR;
    }
}

void tk_port_init(void)
{
    tk_stm32_pins();
    USART_BRR = DIVIDER;
    USART_CR1 = CR1_ENABLE | CR1_TX_ENABLE | CR1_RX_ENABLE | CR1_RX_INTERRUPT;
    tk_stm32_receive_interrupt_on();
    tk_counter_init();
    tk_irq_on();
}

void tk_port_write(const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        while ((USART_SR & SR_TX_EMPTY) == 0) {
        }
        USART_DR = data[i];
    }
}

#endif
