/* UART and TIMER0 of the nRF51 (nRF51 Series Reference Manual 3.0, chapters 13 CLOCK, 18 TIMER, 29 UART). */
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
#define UART_PSELTXD TK_REG(0x4000250Cu)
#define UART_PSELRXD TK_REG(0x40002514u)
#define UART_RXD TK_REG(0x40002518u)
#define UART_TXD TK_REG(0x4000251Cu)
#define UART_BAUDRATE TK_REG(0x40002524u)
#define UART_ENABLED 4u
#define UART_INT_RXDRDY (1u << 2)
#if TK_LINK_BAUD == 115200
#define UART_BAUD_SETTING 0x01D7E000u /* table 29.9, BAUDRATE */
#else
#error "nrf51: the UART is set up for 115200 baud"
#endif

#define TIMER_START TK_REG(0x40008000u)
#define TIMER_STOP TK_REG(0x40008004u)
#define TIMER_CLEAR TK_REG(0x4000800Cu)
#define TIMER_CAPTURE0 TK_REG(0x40008040u)
#define TIMER_MODE TK_REG(0x40008504u)
#define TIMER_BITMODE TK_REG(0x40008508u)
#define TIMER_PRESCALER TK_REG(0x40008510u)
#define TIMER_CC0 TK_REG(0x40008540u)
#define TIMER_BITMODE_32 3u

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

    UART_PSELTXD = TK_UART_TX_PIN;
    UART_PSELRXD = TK_UART_RX_PIN;
    UART_BAUDRATE = UART_BAUD_SETTING;
    UART_ENABLE = UART_ENABLED;
    UART_RXDRDY = 0;
    UART_INTENSET = UART_INT_RXDRDY;
    UART_STARTRX = 1;
    UART_STARTTX = 1;
    TK_NVIC_ISER(TK_UART_RX_IRQ) = TK_NVIC_BIT(TK_UART_RX_IRQ);

    TIMER_STOP = 1;
    TIMER_MODE = 0;
    TIMER_BITMODE = TIMER_BITMODE_32;
    TIMER_PRESCALER = 0; /* 16 MHz */
    TIMER_CLEAR = 1;
    TIMER_START = 1;
    tk_irq_on();
}

/* The timer stands still while the core sleeps: it counts the work of this firmware, as the CMSDK port's does. */
void tk_counter_pause(void)
{
    TIMER_STOP = 1;
}

void tk_counter_resume(void)
{
    TIMER_START = 1;
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

/* 32 bits at 16 MHz, extended at each reading: a run must last less than one turn (2^32 ticks, 268 s). */
uint64_t tk_port_ticks(void)
{
    static uint64_t total;
    static uint32_t last;
    TIMER_CAPTURE0 = 1;
    const uint32_t now = TIMER_CC0;
    total += (uint32_t)(now - last);
    last = now;
    return total;
}
