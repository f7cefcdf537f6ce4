/* NEG, float32. */
#ifndef TK_NEG_F32_H
#define TK_NEG_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_neg_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_neg_f32(const tk_neg_f32_params *p, const float *in, float *out);

#endif
