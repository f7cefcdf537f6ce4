/* What a stage of a Fourier transform goes through: in each frame ``blocks`` groups, each of ``radix`` runs of ``run``
 * complex numbers, of which it combines those of the same index. */
#ifndef TK_FFT_STAGE_H
#define TK_FFT_STAGE_H

#include <stdint.h>

typedef struct {
    int32_t frames;
    int32_t step; /* from frame to frame, in complex numbers */
    int32_t blocks; /* also the step in the table of roots */
    int32_t run;
    int32_t inverse; /* 1: back from frequencies */
} tk_fft_stage;

#endif
