/* Delays rows of samples, int16. */
#include "tk_signal_delay_s16.h"

void tk_signal_delay_s16(const tk_signal_delay_s16_params *p, const int16_t *in, int16_t *out, void *state)
{
    int32_t *const oldest = (int32_t *)state;
    int16_t *kept = (int16_t *)(oldest + 1);
    int32_t at = 0;

    for (int32_t row = 0; row < p->rows; row++, kept += p->delay) {
        at = *oldest;
        for (int32_t i = 0; i < p->length; i++) {
            const int16_t sample = *in++;

            *out++ = kept[at];
            kept[at++] = sample;
            if (at == p->delay) {
                at = 0;
            }
        }
    }
    *oldest = at;
}
