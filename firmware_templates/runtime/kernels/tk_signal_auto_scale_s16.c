/* Shifts samples up until the largest fills int16, and says by how many bits. */
#include "tk_signal_auto_scale_s16.h"

void tk_signal_auto_scale_s16(const tk_signal_auto_scale_s16_params *p, const int16_t *in, int16_t *out, int32_t *bits)
{
    int32_t largest = 0;

    for (int32_t i = 0; i < p->count; i++) {
        if (in[i] > largest) {
            largest = in[i];
        } else if (-in[i] > largest) {
            largest = (int16_t)-in[i]; /* of -32768 this is -32768, and whatever follows is larger: as in TFLite-Micro */
        }
    }
    *bits = 0;
    if (largest > 0) { /* silence is left as it is */
        while (largest < 1 << 14) {
            largest <<= 1;
            ++*bits;
        }
    }
    for (int32_t i = 0; i < p->count; i++) {
        out[i] = (int16_t)(in[i] * (1 << *bits));
    }
}
