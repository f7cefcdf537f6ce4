#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UART_NO (-1)
#define UART_8N1 0x1c
#define UART_FULL 0

typedef struct uart_ uart_t;

uart_t *uart_init(int uart_nr, int baudrate, int config, int mode, int tx_pin, size_t rx_size, bool invert);
void uart_set_debug(int uart_nr);
size_t uart_rx_available(uart_t *uart);
int uart_read_char(uart_t *uart);
size_t uart_write(uart_t *uart, const char *buf, size_t size);
void uart_wait_tx_empty(uart_t *uart);
