/* Cuts rows of samples into frames that overlap, int16. */
#ifndef TK_SIGNAL_FRAMER_S16_H
#define TK_SIGNAL_FRAMER_S16_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t frames; /* of a row in one call */
    int32_t step;
    int32_t size;
    int32_t capacity; /* samples of a row that are kept at most */
    int32_t prefilled; /* zeros that are there at the beginning */
} tk_signal_framer_s16_params;

/* in [rows][frames * step], out [rows][frames][size]: zeros where samples are missing; valid: whether none are. state: how
 * many samples more than at the beginning are kept (int32), then the samples [rows][capacity] */
void tk_signal_framer_s16(const tk_signal_framer_s16_params *p, const int16_t *in, int16_t *out, bool *valid, void *state);

#endif
