/* CAST, bool to float32. */
#ifndef TK_CAST_BOOL_F32_H
#define TK_CAST_BOOL_F32_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_bool_f32_params;

/* in [count], out [count]; out may end where in does */
void tk_cast_bool_f32(const tk_cast_bool_f32_params *p, const bool *in, float *out);

#endif
