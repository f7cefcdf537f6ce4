/* RELU6, int16: x clamped to [low, high]. */
#ifndef TK_CLAMP_S16_H
#define TK_CLAMP_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t low, high;
} tk_clamp_s16_params;

/* in [count], out [count]; may be the same memory */
void tk_clamp_s16(const tk_clamp_s16_params *p, const int16_t *in, int16_t *out);

#endif
