/* CAST, int8 to float32. */
#ifndef TK_CAST_S8_F32_H
#define TK_CAST_S8_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s8_f32_params;

/* in [count], out [count]; out may end where in does */
void tk_cast_s8_f32(const tk_cast_s8_f32_params *p, const int8_t *in, float *out);

#endif
