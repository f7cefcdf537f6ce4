/* ROUND, float32: to the nearest integer, ties to the even one. */
#ifndef TK_ROUND_F32_H
#define TK_ROUND_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_round_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_round_f32(const tk_round_f32_params *p, const float *in, float *out);

#endif
