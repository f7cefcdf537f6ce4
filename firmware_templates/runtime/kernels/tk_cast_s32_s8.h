/* CAST, int32 to int8, modulo 2^8. */
#ifndef TK_CAST_S32_S8_H
#define TK_CAST_S32_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s32_s8_params;

/* in [count], out [count]; may begin at the same memory */
void tk_cast_s32_s8(const tk_cast_s32_s8_params *p, const int32_t *in, int8_t *out);

#endif
