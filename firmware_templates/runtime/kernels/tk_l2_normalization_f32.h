/* L2_NORMALIZATION over the last dimension, float32. */
#ifndef TK_L2_NORMALIZATION_F32_H
#define TK_L2_NORMALIZATION_F32_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row */
} tk_l2_normalization_f32_params;

/* in [rows][depth], out [rows][depth]; may be the same memory */
void tk_l2_normalization_f32(const tk_l2_normalization_f32_params *p, const float *in, float *out);

#endif
