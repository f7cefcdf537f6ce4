/* CAST, int32 to float32. */
#ifndef TK_CAST_S32_F32_H
#define TK_CAST_S32_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s32_f32_params;

/* in [count], out [count]; no common memory */
void tk_cast_s32_f32(const tk_cast_s32_f32_params *p, const int32_t *in, float *out);

#endif
