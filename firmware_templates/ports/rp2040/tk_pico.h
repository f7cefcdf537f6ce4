/* Between the files of this family. */
#ifndef TK_PICO_H
#define TK_PICO_H

/* Starts the counter behind tk_port_ticks(). */
void tk_counter_init(void);

/* Returns when the last byte has left the serial port. */
void tk_uart_drain(void);

#endif
