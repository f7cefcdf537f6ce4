/* ABS, int16 with zero points of 0: rescaled, then no more than high. 32768 becomes -32768. */
#ifndef TK_ABS_S16_H
#define TK_ABS_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t multiplier, shift;
    int32_t high;
} tk_abs_s16_params;

/* in [count], out [count]; may be the same memory */
void tk_abs_s16(const tk_abs_s16_params *p, const int16_t *in, int16_t *out);

#endif
