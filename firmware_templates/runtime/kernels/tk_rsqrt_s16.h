/* RSQRT, int16 with zero points of 0; 32767 for what is not positive. */
#ifndef TK_RSQRT_S16_H
#define TK_RSQRT_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t multiplier, shift; /* of 2^20 / sqrt(x) */
} tk_rsqrt_s16_params;

/* in [count], out [count]; may be the same memory */
void tk_rsqrt_s16(const tk_rsqrt_s16_params *p, const int16_t *in, int16_t *out);

#endif
