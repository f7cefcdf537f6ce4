/* Shifts samples up until the largest fills int16, and says by how many bits. */
#ifndef TK_SIGNAL_AUTO_SCALE_S16_H
#define TK_SIGNAL_AUTO_SCALE_S16_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_signal_auto_scale_s16_params;

/* in, out [count], may be the same memory; bits [1] */
void tk_signal_auto_scale_s16(const tk_signal_auto_scale_s16_params *p, const int16_t *in, int16_t *out, int32_t *bits);

#endif
