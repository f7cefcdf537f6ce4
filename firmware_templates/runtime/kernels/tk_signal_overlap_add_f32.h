/* Adds up frames that overlap, float32. */
#ifndef TK_SIGNAL_OVERLAP_ADD_F32_H
#define TK_SIGNAL_OVERLAP_ADD_F32_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t frames; /* of a row in one call */
    int32_t size;
    int32_t step; /* 1..size */
} tk_signal_overlap_add_f32_params;

/* in [rows][frames][size], out [rows][frames * step]: sums; state [rows][size - step]: sums that are not complete */
void tk_signal_overlap_add_f32(const tk_signal_overlap_add_f32_params *p, const float *in, float *out, void *state);

#endif
