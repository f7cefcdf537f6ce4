/* CAST, int32 to int16, modulo 2^16. */
#ifndef TK_CAST_S32_S16_H
#define TK_CAST_S32_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s32_s16_params;

/* in [count], out [count]; no common memory */
void tk_cast_s32_s16(const tk_cast_s32_s16_params *p, const int32_t *in, int16_t *out);

#endif
