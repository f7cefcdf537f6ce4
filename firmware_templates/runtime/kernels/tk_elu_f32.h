/* ELU, float32: x, or exp(x) - 1 where that is negative. */
#ifndef TK_ELU_F32_H
#define TK_ELU_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_elu_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_elu_f32(const tk_elu_f32_params *p, const float *in, float *out);

#endif
