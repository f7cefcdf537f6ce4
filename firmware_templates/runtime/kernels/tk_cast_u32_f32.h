/* CAST, uint32 to float32. */
#ifndef TK_CAST_U32_F32_H
#define TK_CAST_U32_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_u32_f32_params;

/* in [count], out [count]; no common memory */
void tk_cast_u32_f32(const tk_cast_u32_f32_params *p, const uint32_t *in, float *out);

#endif
