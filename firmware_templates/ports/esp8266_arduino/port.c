/* The ESP8266 under Arduino's core for it, version 3, in C: the core's UART driver is the serial line, the processor's
 * cycle counter the clock.
 *
 * The SDK below runs its own tasks when the agent waits for a byte, and a watchdog that wants to be fed between. WiFi is
 * off: the core starts it only when asked to. What interrupts a run is the UART and the SDK's timers.
 *
 * Sources: https://arduino-esp8266.readthedocs.io (boot, watchdogs, stack); the core's headers uart.h and Arduino.h;
 * Espressif, ESP8266 Non-OS SDK API Reference (system_soft_wdt_feed, system_restart).
 */
#include "tk_config.h"
#include "tk_port.h"

#include <Arduino.h>
#include <uart.h>
#include <user_interface.h>

#define RX_BUFFER 2048 /* bytes; more than the largest frame */
#define CYCLES_PER_US (TK_COUNTER_HZ / 1000000u)
#define STACK_PAINT 0xC5u

/* The core's own for a sketch has 4 KB and no name that a linker knows. The build says to it where this one is:
 * tk_stack_bottom, tk_stack_top. */
uint8_t tk_stack[TK_STACK_BYTES] __attribute__((aligned(16)));

static uart_t *line;
static uint32_t first_cycle;
static uint64_t first_us;

extern int main(void);

static void __attribute__((noreturn, used)) run_agent(void)
{
    (void)main();
    tk_port_reset();
}

/* The core calls this once. yield() leaves any stack and comes back to it, so the agent may stay on its own. */
void setup(void)
{
    for (size_t i = 0; i < sizeof tk_stack; i++) {
        tk_stack[i] = STACK_PAINT;
    }
    __asm volatile("mov a1, %0\n\tjx %1" : : "r"(tk_stack + sizeof tk_stack), "r"(run_agent) : "memory");
    __builtin_unreachable();
}

/* The core wants one; setup() does not return. */
void loop(void)
{
}

static uint32_t cycles(void)
{
    uint32_t now;

    __asm volatile("rsr %0, ccount" : "=r"(now) : : "memory");
    return now;
}

void tk_port_init(void)
{
    line = uart_init((int)TK_UART_NUMBER, (int)TK_LINK_BAUD, UART_8N1, UART_FULL, (int)TK_UART_TX, RX_BUFFER, false);
    uart_set_debug(UART_NO); /* the SDK has nothing to say on it */
    first_cycle = cycles();
    first_us = micros64();
}

int tk_port_getc(void)
{
    if (uart_rx_available(line) == 0) {
        yield(); /* the SDK's turn, which also feeds the watchdog */
        return -1;
    }
    return uart_read_char(line);
}

void tk_port_write(const uint8_t *data, size_t n)
{
    (void)uart_write(line, (const char *)data, n);
}

/* The core's counter has 32 bits: 53 s at 80 MHz. The microsecond timer says which turn it is in; both run from the
 * same crystal, so the estimate stays within half a turn of the truth for years. The low 32 bits are exact.
 *
 * The agent asks for the time between layers: a run may take longer than the watchdog waits (about 3 s), a layer not. */
uint64_t tk_port_ticks(void)
{
    system_soft_wdt_feed();
    const uint64_t estimate = (micros64() - first_us) * CYCLES_PER_US;
    const uint32_t low = cycles() - first_cycle;

    return estimate + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)estimate);
}

void tk_port_reset(void)
{
    /* What was sent has to leave the UART before the chip starts anew, which the SDK does when it is its turn. */
    uart_wait_tx_empty(line);
    system_restart();
    for (;;) {
        yield();
    }
}
