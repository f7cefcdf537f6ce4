/* LOG_SOFTMAX over the last dimension, float32. */
#ifndef TK_LOG_SOFTMAX_F32_H
#define TK_LOG_SOFTMAX_F32_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row */
} tk_log_softmax_f32_params;

/* in [rows][depth], out [rows][depth]; may be the same memory */
void tk_log_softmax_f32(const tk_log_softmax_f32_params *p, const float *in, float *out);

#endif
