/* BATCH_MATMUL, float32. */
#ifndef TK_BATCH_MATMUL_F32_H
#define TK_BATCH_MATMUL_F32_H

#include "tk_batch_matmul.h"

typedef struct {
    TK_BATCH_MATMUL_PARAMS;
} tk_batch_matmul_f32_params;

void tk_batch_matmul_f32(const tk_batch_matmul_f32_params *p, const float *a, const float *b, float *out);

#endif
