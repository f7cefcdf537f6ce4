/* Text over the serial port, without the library's printf. */
#ifndef TK_TEXT_H
#define TK_TEXT_H

#include <stdint.h>

void tk_text(const char *text);

/* The end of a line: CR LF. */
void tk_text_end(void);

/* A number in decimal. */
void tk_text_number(uint64_t number);

/* A byte as two hexadecimal digits. */
void tk_text_hex(uint8_t byte);

/* What printf("%.3f") writes: the exact value, rounded to nearest, ties to even. */
void tk_text_fixed3(float value);

#endif
