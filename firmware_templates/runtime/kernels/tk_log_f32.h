/* LOG, float32: the natural logarithm. */
#ifndef TK_LOG_F32_H
#define TK_LOG_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_log_f32_params;

/* in [count], out [count]; may be the same memory */
void tk_log_f32(const tk_log_f32_params *p, const float *in, float *out);

#endif
