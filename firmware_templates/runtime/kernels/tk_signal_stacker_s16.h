/* Stacks frames: each output is some of the last frames in a row, int16. */
#ifndef TK_SIGNAL_STACKER_S16_H
#define TK_SIGNAL_STACKER_S16_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t channels; /* numbers of a frame */
    int32_t left; /* times that the first frame is taken before itself */
    int32_t total; /* frames of an output */
    int32_t step; /* frames from output to output, at most total */
} tk_signal_stacker_s16_params;

/* in [channels], out [total][channels]: zeros while frames are missing; valid: whether none are. state: frames that are
 * kept, whether there were any yet (int32 each), then the frames [total - 1][channels] */
void tk_signal_stacker_s16(const tk_signal_stacker_s16_params *p, const int16_t *in, int16_t *out, bool *valid, void *state);

#endif
