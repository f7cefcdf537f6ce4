/* UART of the nRF51 (nRF51 Series Reference Manual 3.0, chapters 13 CLOCK and 29 UART), and of the nRF52, which has it
 * beside its newer one (nRF52840 Product Specification, chapters CLOCK and UART). */
#include "tk_config.h"
#include "tk_cortex_m.h"
#include "tk_port.h"

#define CLOCK_HFCLKSTART TK_REG(0x40000000u)
#define CLOCK_HFCLKSTARTED TK_REG(0x40000100u)

#define UART_STARTRX TK_REG(0x40002000u)
#define UART_STARTTX TK_REG(0x40002008u)
#define UART_RXDRDY TK_REG(0x40002108u)
#define UART_TXDRDY TK_REG(0x4000211Cu)
#define UART_INTENSET TK_REG(0x40002304u)
#define UART_ENABLE TK_REG(0x40002500u)
/* nRF51: the pin. nRF52: bit 5 is the port, so that P1.03 is 35. */
#define UART_PSELTXD TK_REG(0x4000250Cu)
#define UART_PSELRXD TK_REG(0x40002514u)
#define UART_RXD TK_REG(0x40002518u)
#define UART_TXD TK_REG(0x4000251Cu)
#define UART_BAUDRATE TK_REG(0x40002524u)
/* Port 0; port 1, which the nRF52 has, is 0x300 further (chapter GPIO). */
#define GPIO_OUTSET(pin) TK_REG(0x50000508u + 0x300u * ((pin) / 32u))
#define GPIO_PIN_CNF(pin) TK_REG(0x50000700u + 0x300u * ((pin) / 32u) + 4u * ((pin) % 32u))
#define PIN_OUTPUT 3u         /* output, input buffer disconnected */
#define PIN_INPUT_PULL_UP 12u /* input, connected, pull-up */
#define UART_ENABLED 4u
#define UART_INT_RXDRDY (1u << 2)
#if TK_LINK_BAUD == 115200
#define UART_BAUD_SETTING 0x01D7E000u /* table 29.9, BAUDRATE */
#else
#error "nrf51: the UART is set up for 115200 baud"
#endif

void tk_uart_interrupt(void)
{
    while (UART_RXDRDY != 0) {
        UART_RXDRDY = 0; /* before RXD: the next byte in the FIFO sets it again */
        tk_received((uint8_t)UART_RXD);
    }
}

void tk_port_init(void)
{
    /* UART and timer need the crystal's accuracy. */
    CLOCK_HFCLKSTARTED = 0;
    CLOCK_HFCLKSTART = 1;
    while (CLOCK_HFCLKSTARTED == 0) {
    }

    /* Where the UART is off the pins are the GPIO's: high, the line's idle state. And a line that nobody drives must not
     * look like a start bit. */
    GPIO_OUTSET(TK_UART_TX_PIN) = 1u << (TK_UART_TX_PIN % 32u);
    GPIO_PIN_CNF(TK_UART_TX_PIN) = PIN_OUTPUT;
    GPIO_PIN_CNF(TK_UART_RX_PIN) = PIN_INPUT_PULL_UP;
    UART_PSELTXD = TK_UART_TX_PIN;
    UART_PSELRXD = TK_UART_RX_PIN;
    UART_BAUDRATE = UART_BAUD_SETTING;
    UART_ENABLE = UART_ENABLED;
    UART_RXDRDY = 0;
    UART_INTENSET = UART_INT_RXDRDY;
    UART_STARTRX = 1;
    UART_STARTTX = 1;
    TK_NVIC_ISER(TK_UART_RX_IRQ) = TK_NVIC_BIT(TK_UART_RX_IRQ);

    tk_counter_init();
    tk_irq_on();
}

void tk_port_write(const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        UART_TXDRDY = 0;
        UART_TXD = data[i];
        while (UART_TXDRDY == 0) {
        }
    }
}
