/* Adds up frames that overlap, int16. */
#ifndef TK_SIGNAL_OVERLAP_ADD_S16_H
#define TK_SIGNAL_OVERLAP_ADD_S16_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t frames; /* of a row in one call */
    int32_t size;
    int32_t step; /* 1..size */
} tk_signal_overlap_add_s16_params;

/* in [rows][frames][size], out [rows][frames * step]: sums and clamped; state [rows][size - step]: sums that are not complete */
void tk_signal_overlap_add_s16(const tk_signal_overlap_add_s16_params *p, const int16_t *in, int16_t *out, void *state);

#endif
