/* CAST, int16 to int32. */
#ifndef TK_CAST_S16_S32_H
#define TK_CAST_S16_S32_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s16_s32_params;

/* in [count], out [count]; no common memory */
void tk_cast_s16_s32(const tk_cast_s16_s32_params *p, const int16_t *in, int32_t *out);

#endif
