/* UART of the Cortex-M System Design Kit (Arm DDI 0479, "APB UART"), receiving by interrupt. */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

/* tk_counter_init(): of the file that TK_CMSDK_TIMER_BASE or TK_SSE300_COUNTER_READ chooses. */

#define UART_DATA TK_REG(TK_UART_BASE + 0x00u)
#define UART_STATE TK_REG(TK_UART_BASE + 0x04u)
#define UART_CTRL TK_REG(TK_UART_BASE + 0x08u)
#define UART_INTCLEAR TK_REG(TK_UART_BASE + 0x0Cu)
#define UART_BAUDDIV TK_REG(TK_UART_BASE + 0x10u)

#define STATE_TX_FULL (1u << 0)
#define STATE_RX_FULL (1u << 1)
#define CTRL_TX_ENABLE (1u << 0)
#define CTRL_RX_ENABLE (1u << 1)
#define CTRL_RX_INTERRUPT (1u << 3)
#define INT_RX (1u << 1)

void tk_uart_interrupt(void)
{
    /* Clear first: a byte that arrives after the loop's last look raises the interrupt again. */
    UART_INTCLEAR = INT_RX;
    while ((UART_STATE & STATE_RX_FULL) != 0) {
        tk_received((uint8_t)UART_DATA);
    }
}

void tk_port_init(void)
{
    UART_BAUDDIV = TK_UART_CLOCK_HZ / TK_LINK_BAUD;
    UART_CTRL = CTRL_TX_ENABLE | CTRL_RX_ENABLE | CTRL_RX_INTERRUPT;
    TK_NVIC_ISER(TK_UART_RX_IRQ) = TK_NVIC_BIT(TK_UART_RX_IRQ);
    TK_NVIC_ISER(TK_UART_RX_IRQ + 1u) = TK_NVIC_BIT(TK_UART_RX_IRQ + 1u);
    tk_counter_init();
    tk_irq_on();
}

void tk_port_write(const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        while ((UART_STATE & STATE_TX_FULL) != 0) {
        }
        UART_DATA = data[i];
    }
}
