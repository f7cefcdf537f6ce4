/* CAST, int16 to uint32, modulo 2^32. */
#ifndef TK_CAST_S16_U32_H
#define TK_CAST_S16_U32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s16_u32_params;

/* in [count], out [count]; no common memory */
void tk_cast_s16_u32(const tk_cast_s16_u32_params *p, const int16_t *in, uint32_t *out);

#endif
