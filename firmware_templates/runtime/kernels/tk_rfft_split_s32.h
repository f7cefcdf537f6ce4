/* The end of a Fourier transform of real numbers, int32. */
#ifndef TK_RFFT_SPLIT_S32_H
#define TK_RFFT_SPLIT_S32_H

#include <stdint.h>

typedef struct {
    int32_t frames;
    int32_t length; /* complex numbers that were transformed, half as many as the real ones */
    const int32_t *roots; /* pairs of cosine and sine */
} tk_rfft_split_s32_params;

/* data: frames of length + 1 pairs of real and imaginary part, of which the last has no value yet */
void tk_rfft_split_s32(const tk_rfft_split_s32_params *p, int32_t *data);

#endif
