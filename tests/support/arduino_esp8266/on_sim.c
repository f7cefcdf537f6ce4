/* The functions of Arduino's core that the port uses, on QEMU's Xtensa simulation machine. See README.md. */
#include "tk_config.h"

#include <Arduino.h>
#include <uart.h>
#include <user_interface.h>

#define SIMCALL_READ 3
#define SIMCALL_WRITE 4

struct uart_ {
    unsigned char received[16];
    size_t next, end;
};

int tk_simcall(int number, int a, const void *b, int c);
void tk_sleep(uint32_t ticks);
void _start(void) __attribute__((noreturn));
int core_main(void);
void tk_fault(uint32_t cause, uint32_t pc, uint32_t address, uint32_t stack_pointer);

static uart_t uart0;
static bool restarting;
static uint32_t high, last;

int core_main(void)
{
    setup();
    for (;;) {
        loop();
    }
}

void tk_fault(uint32_t cause, uint32_t pc, uint32_t address, uint32_t stack_pointer)
{
    (void)cause;
    (void)pc;
    (void)address;
    (void)stack_pointer;
    (void)tk_simcall(SIMCALL_WRITE, 1, "fault\n", 6);
    for (;;) {
        tk_sleep(TK_COUNTER_HZ);
    }
}

void yield(void)
{
    if (restarting) {
        _start();
    }
    tk_sleep(TK_COUNTER_HZ / 1000u);
}

uint64_t micros64(void)
{
    uint32_t now;

    __asm volatile("rsr %0, ccount" : "=r"(now) : : "memory");
    high += now < last ? 1u : 0u;
    last = now;
    return ((uint64_t)high << 32 | now) / (TK_COUNTER_HZ / 1000000u);
}

uart_t *uart_init(int uart_nr, int baudrate, int config, int mode, int tx_pin, size_t rx_size, bool invert)
{
    const bool as_wired = uart_nr == 0 && config == UART_8N1 && mode == UART_FULL && tx_pin == 1 && !invert;

    return as_wired && baudrate == TK_LINK_BAUD && rx_size >= 512 ? &uart0 : NULL;
}

void uart_set_debug(int uart_nr)
{
    (void)uart_nr;
}

size_t uart_rx_available(uart_t *uart)
{
    if (uart->next == uart->end) {
        const int count = tk_simcall(SIMCALL_READ, 0, uart->received, (int)sizeof uart->received);

        uart->next = 0;
        uart->end = count > 0 ? (size_t)count : 0;
    }
    return uart->end - uart->next;
}

int uart_read_char(uart_t *uart)
{
    return uart_rx_available(uart) == 0 ? -1 : uart->received[uart->next++];
}

size_t uart_write(uart_t *uart, const char *buf, size_t size)
{
    size_t done = 0;

    (void)uart;
    while (done < size) {
        const int written = tk_simcall(SIMCALL_WRITE, 1, buf + done, (int)(size - done));

        done += written > 0 ? (size_t)written : 0;
    }
    return done;
}

void uart_wait_tx_empty(uart_t *uart)
{
    (void)uart;
}

void system_soft_wdt_feed(void)
{
}

void system_restart(void)
{
    restarting = true;
}
