/* CAST, uint32 to bool: whether it is other than 0. */
#ifndef TK_CAST_U32_BOOL_H
#define TK_CAST_U32_BOOL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_u32_bool_params;

/* in [count], out [count]; may begin at the same memory */
void tk_cast_u32_bool(const tk_cast_u32_bool_params *p, const uint32_t *in, bool *out);

#endif
