/* CAST, bool to uint32: 0 or 1. */
#ifndef TK_CAST_BOOL_U32_H
#define TK_CAST_BOOL_U32_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_bool_u32_params;

/* in [count], out [count]; out may end where in does */
void tk_cast_bool_u32(const tk_cast_bool_u32_params *p, const bool *in, uint32_t *out);

#endif
