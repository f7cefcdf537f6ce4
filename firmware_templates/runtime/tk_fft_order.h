/* The order in which a mixed-radix Fourier transform wants its input.
 *
 * Elements are gone through as they lie in memory, their digits, outermost radix first, count up; each has a weight in
 * the position that the element gets.
 */
#ifndef TK_FFT_ORDER_H
#define TK_FFT_ORDER_H

#include "tk_common.h"

#define TK_FFT_STAGES 12

typedef struct {
    uint16_t radix[TK_FFT_STAGES]; /* 0 behind the last */
    uint16_t weight[TK_FFT_STAGES];
} tk_fft_order;

/* The position of the element behind that which is at ``position``; ``digits`` [TK_FFT_STAGES] begin with zeros. */
TK_INLINE int32_t tk_fft_next(const tk_fft_order *order, uint16_t *digits, int32_t position)
{
    int stage = 0;

    while (++digits[stage] == order->radix[stage]) {
        position -= (order->radix[stage] - 1) * order->weight[stage];
        digits[stage++] = 0;
    }
    return position + order->weight[stage];
}

#endif
