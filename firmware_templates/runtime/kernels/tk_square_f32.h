/* SQUARE, float32. */
#ifndef TK_SQUARE_F32_H
#define TK_SQUARE_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_square_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_square_f32(const tk_square_f32_params *p, const float *in, float *out);

#endif
