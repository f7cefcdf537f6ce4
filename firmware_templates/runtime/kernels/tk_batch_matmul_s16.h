/* BATCH_MATMUL, int16, of zero points 0. */
#ifndef TK_BATCH_MATMUL_S16_H
#define TK_BATCH_MATMUL_S16_H

#include "tk_batch_matmul.h"

typedef struct {
    TK_BATCH_MATMUL_PARAMS;
    int32_t multiplier; /* of 15 bits */
    int32_t shift;      /* to the right, 1 to 46 */
} tk_batch_matmul_s16_params;

void tk_batch_matmul_s16(const tk_batch_matmul_s16_params *p, const int16_t *a, const int16_t *b, int16_t *out);

#endif
