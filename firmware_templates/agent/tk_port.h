/* What a chip gives the agent. One implementation per family, in ports/<family>.
 *
 * The port also paints the stack with the byte 0xC5 between the symbols tk_stack_bottom and tk_stack_top before
 * main() runs, and keeps the section .noinit over a reset.
 */
#ifndef TK_PORT_H
#define TK_PORT_H

#include <stddef.h>
#include <stdint.h>

/* Clocks, serial port, counter. Called once, first. */
void tk_port_init(void);

/* The next byte received, or -1 when there is none now. May sleep until something happens before it says -1. */
int tk_port_getc(void);

/* Send all of data; returns when the last byte was handed to the hardware. */
void tk_port_write(const uint8_t *data, size_t n);

/* A counter that never runs backwards; its unit is the board file's [counter]. */
uint64_t tk_port_ticks(void);

/* A pin that is high during timed inferences, for a meter that records it. Only firmware that is built with a marker
 * (TK_MARKER_PIN) has these two, and calls them: the first once, after tk_port_init(), and it leaves the pin low. */
void tk_port_marker_init(void);
void tk_port_marker(int on);

/* Start the firmware anew. Does not return. */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void tk_port_reset(void);

#endif
