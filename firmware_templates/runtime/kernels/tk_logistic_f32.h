/* LOGISTIC, float32: 1 / (1 + exp(-x)). */
#ifndef TK_LOGISTIC_F32_H
#define TK_LOGISTIC_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_logistic_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_logistic_f32(const tk_logistic_f32_params *p, const float *in, float *out);

#endif
