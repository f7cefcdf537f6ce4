/* Espressif chips under ESP-IDF 5.1 and later: the UART driver is the serial line, the core's cycle counter the clock.
 *
 * The agent is one task on one core. What else runs: the tick interrupt (CONFIG_FREERTOS_HZ, 100 a second, about a
 * microsecond each) and the UART's, which are part of what is measured: some 0.02 % of a run.
 *
 * Sources: ESP-IDF Programming Guide, "UART", "ESP Timer", "FreeRTOS (IDF)"; the chips' technical reference manuals.
 */
#include "tk_config.h"
#include "tk_port.h"

#include "driver/uart.h"
#include "esp_cpu.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#define UART ((uart_port_t)TK_UART_NUMBER)
#define RX_BUFFER 4096 /* bytes; more than the largest frame */
#define CYCLES_PER_US (TK_COUNTER_HZ / 1000000u)
#define CORE 0
#define PRIORITY (tskIDLE_PRIORITY + 5)

#define STACK_PAINT 0xC5u
/* FreeRTOS watches the lowest 32 aligned bytes of a stack and stops the chip at a write to them
 * (CONFIG_FREERTOS_WATCHPOINT_END_OF_STACK); painting has to stay above. The build says so to the linker, too:
 * tk_stack_bottom is this far above tk_stack, and tk_stack_top TK_STACK_BYTES further. */
#define STACK_GUARD 64u
/* What painting itself, and an interrupt during it, may take below the frame of the painting function. */
#define STACK_MARGIN 512u

uint8_t tk_stack[STACK_GUARD + TK_STACK_BYTES] __attribute__((aligned(16)));
static StaticTask_t task;

static uint8_t received[256];
static size_t next, end;

static uint32_t first_cycle;
static int64_t first_us;

extern int main(void);
void app_main(void);

static void __attribute__((noinline)) paint_stack(void)
{
    const uintptr_t here = (uintptr_t)__builtin_frame_address(0) - STACK_MARGIN;
    volatile uint8_t *at = tk_stack + STACK_GUARD;

    while ((uintptr_t)at < here) {
        *at++ = STACK_PAINT;
    }
}

static void run_agent(void *unused)
{
    (void)unused;
    paint_stack();
    (void)main();
    tk_port_reset();
}

/* ESP-IDF's own main task calls this, and ends when it returns. */
void app_main(void)
{
    (void)xTaskCreateStaticPinnedToCore(
        run_agent, "tinykit", sizeof tk_stack, NULL, PRIORITY, (StackType_t *)tk_stack, &task, CORE);
}

void tk_port_init(void)
{
    const uart_config_t line = {
        .baud_rate = TK_LINK_BAUD,
        .data_bits = UART_DATA_8_BITS,
        .parity = UART_PARITY_DISABLE,
        .stop_bits = UART_STOP_BITS_1,
        .flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
        .source_clk = UART_SCLK_DEFAULT,
    };

    ESP_ERROR_CHECK(uart_driver_install(UART, RX_BUFFER, 0, 0, NULL, 0));
    ESP_ERROR_CHECK(uart_param_config(UART, &line));
    ESP_ERROR_CHECK(
        uart_set_pin(UART, (int)TK_UART_TX, (int)TK_UART_RX, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE));
    first_cycle = esp_cpu_get_cycle_count();
    first_us = esp_timer_get_time();
}

int tk_port_getc(void)
{
    if (next == end) {
        size_t waiting = 0;

        (void)uart_get_buffered_data_len(UART, &waiting);
        if (waiting == 0) {
            waiting = 1; /* sleeps until it comes */
        } else if (waiting > sizeof received) {
            waiting = sizeof received;
        }
        const int count = uart_read_bytes(UART, received, (uint32_t)waiting, portMAX_DELAY);
        next = 0;
        end = count > 0 ? (size_t)count : 0;
    }
    return next == end ? -1 : received[next++];
}

void tk_port_write(const uint8_t *data, size_t n)
{
    /* Without a transmit buffer this returns when the last byte is in the UART's FIFO. */
    (void)uart_write_bytes(UART, data, n);
}

/* The core's counter has 32 bits: 18 s at 240 MHz. The microsecond timer says which turn it is in; both run from the
 * same crystal, so the estimate stays within half a turn of the truth for years. The low 32 bits are exact. */
uint64_t tk_port_ticks(void)
{
    const uint64_t estimate = (uint64_t)(esp_timer_get_time() - first_us) * CYCLES_PER_US;
    const uint32_t low = esp_cpu_get_cycle_count() - first_cycle;

    return estimate + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)estimate);
}

void tk_port_reset(void)
{
    /* What was sent has to leave the UART before the chip starts anew. */
    (void)uart_wait_tx_done(UART, portMAX_DELAY);
    esp_restart();
}
