/* BATCH_MATMUL, int8. */
#ifndef TK_BATCH_MATMUL_S8_H
#define TK_BATCH_MATMUL_S8_H

#include "tk_batch_matmul.h"

typedef struct {
    TK_BATCH_MATMUL_PARAMS;
    int32_t zero_a, zero_b, zero;
    int32_t multiplier, shift;
} tk_batch_matmul_s8_params;

void tk_batch_matmul_s8(const tk_batch_matmul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
