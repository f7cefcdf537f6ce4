/* Stacks frames: each output is some of the last frames in a row, int16. */
#include "tk_signal_stacker_s16.h"

#include <string.h>

void tk_signal_stacker_s16(const tk_signal_stacker_s16_params *p, const int16_t *in, int16_t *out, bool *valid, void *state)
{
    int32_t *const held = (int32_t *)state;
    int32_t *const begun = held + 1;
    int16_t *const kept = (int16_t *)(begun + 1);
    const size_t frame = (size_t)p->channels * sizeof *in;

    for (int32_t i = *begun ? p->left : 0; i < p->left; i++) {
        memcpy(kept + *held * p->channels, in, frame);
        ++*held;
    }
    *begun = 1;
    *valid = *held + 1 == p->total;
    if (*valid) {
        memcpy(out, kept, (size_t)*held * frame);
        memcpy(out + *held * p->channels, in, frame);
        *held = p->total - p->step;
        memcpy(kept, out + p->step * p->channels, (size_t)*held * frame);
    } else {
        memcpy(kept + *held * p->channels, in, frame);
        ++*held;
        memset(out, 0, (size_t)p->total * frame);
    }
}
