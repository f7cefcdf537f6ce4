/* The beginning of a Fourier transform of real numbers. */
#include "tk_rfft_load.h"

#include <string.h>

void tk_rfft_load(const tk_rfft_load_params *p, const void *in, void *out)
{
    const uint8_t *from = (const uint8_t *)in;
    uint8_t *to = (uint8_t *)out;

    for (int32_t frame = 0; frame < p->frames; frame++) {
        uint16_t digits[TK_FFT_STAGES] = {0};
        int32_t position = 0, left = p->row;

        for (int32_t index = 0; index < p->length; index++) {
            uint8_t *const pair = to + position * p->pair;

            if (left >= p->pair) {
                memcpy(pair, from, (size_t)p->pair);
                from += p->pair;
                left -= p->pair;
            } else {
                memset(pair, 0, (size_t)p->pair);
                memcpy(pair, from, (size_t)left);
                from += left;
                left = 0;
            }
            position = tk_fft_next(&p->order, digits, position);
        }
        to += (p->length + 1) * p->pair;
    }
}
