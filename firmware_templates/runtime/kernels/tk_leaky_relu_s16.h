/* LEAKY_RELU, int16: a multiplier for what is not negative, and one with alpha. */
#ifndef TK_LEAKY_RELU_S16_H
#define TK_LEAKY_RELU_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t zero_in, zero_out;
    int32_t multiplier, shift;
    int32_t alpha_multiplier, alpha_shift; /* of alpha's absolute value */
    int32_t alpha_is_negative;
} tk_leaky_relu_s16_params;

/* in [count], out [count]; may be the same memory */
void tk_leaky_relu_s16(const tk_leaky_relu_s16_params *p, const int16_t *in, int16_t *out);

#endif
