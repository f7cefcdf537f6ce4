/* CAST, int8 to uint32, modulo 2^32. */
#ifndef TK_CAST_S8_U32_H
#define TK_CAST_S8_U32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s8_u32_params;

/* in [count], out [count]; out may end where in does */
void tk_cast_s8_u32(const tk_cast_s8_u32_params *p, const int8_t *in, uint32_t *out);

#endif
