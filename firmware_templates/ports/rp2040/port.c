/* Serial port of the RP2040 and RP2350 (PL011), through the Pico SDK. The SDK has set up the clocks when main() runs. */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_pico.h"
#include "tk_port.h"

#include "hardware/gpio.h"
#include "hardware/irq.h"
#include "hardware/uart.h"
#include "pico/binary_info.h"

#if TK_UART_INDEX == 0
#define UART uart0
#define UART_IRQ UART0_IRQ
#else
#define UART uart1
#define UART_IRQ UART1_IRQ
#endif

bi_decl(bi_2pins_with_func(TK_UART_TX_PIN, TK_UART_RX_PIN, GPIO_FUNC_UART)) /* `picotool info` shows them */

void tk_uart_interrupt(void)
{
    while (uart_is_readable(UART)) {
        /* Not uart_getc(): it would look at the flags once more. Bits 8 to 11 are errors; the link's CRC finds them. */
        tk_received((uint8_t)uart_get_hw(UART)->dr);
    }
}

void tk_port_init(void)
{
    (void)uart_init(UART, TK_LINK_BAUD);
    gpio_set_function(TK_UART_TX_PIN, GPIO_FUNC_UART);
    gpio_set_function(TK_UART_RX_PIN, GPIO_FUNC_UART);
    /* While nobody is connected the line would float, and be taken for data. */
    gpio_pull_up(TK_UART_RX_PIN);
    irq_set_exclusive_handler(UART_IRQ, tk_uart_interrupt);
    irq_set_enabled(UART_IRQ, true);
    /* Receiving only: at four bytes, and when no more come for the time of 32 bits. */
    uart_set_irq_enables(UART, true, false);
    tk_counter_init();
    tk_irq_on();
}

void tk_port_write(const uint8_t *data, size_t n)
{
    uart_write_blocking(UART, data, n);
}

void tk_uart_drain(void)
{
    uart_tx_wait_blocking(UART);
}
