/* CAST, bool to int32: 0 or 1. */
#ifndef TK_CAST_BOOL_S32_H
#define TK_CAST_BOOL_S32_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_bool_s32_params;

/* in [count], out [count]; out may end where in does */
void tk_cast_bool_s32(const tk_cast_bool_s32_params *p, const bool *in, int32_t *out);

#endif
