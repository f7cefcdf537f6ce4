/* BATCH_MATMUL, float32. */
#include "tk_batch_matmul_f32.h"

void tk_batch_matmul_f32(const tk_batch_matmul_f32_params *p, const float *a, const float *b, float *out)
{
    TK_BATCH_MATMUL(float, float, p, a, b, out, x * y, sum);
}
