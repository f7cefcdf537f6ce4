/* EXP, float32. */
#ifndef TK_EXP_F32_H
#define TK_EXP_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_exp_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_exp_f32(const tk_exp_f32_params *p, const float *in, float *out);

#endif
