/* QUANTIZE between int8 and uint8: any function of a byte as a table. */
#ifndef TK_LUT_8_H
#define TK_LUT_8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    const uint8_t *table; /* 256 results, by the argument's byte read as unsigned */
} tk_lut_8_params;

/* in [count], out [count] bytes; may be the same memory */
void tk_lut_8(const tk_lut_8_params *p, const void *in, void *out);

#endif
