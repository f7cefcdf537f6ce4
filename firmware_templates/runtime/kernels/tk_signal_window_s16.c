/* Multiplies each row with a window, int16: product shifted down and clamped. */
#include "tk_signal_window_s16.h"

#include "tk_common.h"

void tk_signal_window_s16(const tk_signal_window_s16_params *p, const int16_t *in, const int16_t *window, int16_t *out)
{
    for (int32_t row = 0; row < p->rows; row++) {
        for (int32_t i = 0; i < p->length; i++) {
            *out++ = (int16_t)tk_clamp((*in++ * window[i]) >> p->shift, INT16_MIN, INT16_MAX);
        }
    }
}
