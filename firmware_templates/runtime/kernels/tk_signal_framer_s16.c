/* Cuts rows of samples into frames that overlap, int16. */
#include "tk_signal_framer_s16.h"

#include <string.h>

/* The oldest samples, and then of what is kept and new without the oldest ``step`` as many as were kept. */
static void take_frame(const tk_signal_framer_s16_params *p, int16_t *kept, int32_t held, const int16_t *in,
                       int16_t *out)
{
    const int32_t old = held < p->size ? held : p->size;
    const int32_t rest = held > p->step ? held - p->step : 0;

    memcpy(out, kept, (size_t)old * sizeof *out);
    memcpy(out + old, in, (size_t)(p->size - old) * sizeof *out);
    memmove(kept, kept + held - rest, (size_t)rest * sizeof *kept);
    memcpy(kept + rest, in + p->step - (held - rest), (size_t)(held - rest) * sizeof *kept);
}

void tk_signal_framer_s16(const tk_signal_framer_s16_params *p, const int16_t *in, int16_t *out, bool *valid, void *state)
{
    int32_t *const more = (int32_t *)state;
    int16_t *kept = (int16_t *)(more + 1);
    int32_t held = 0;

    *valid = true;
    for (int32_t row = 0; row < p->rows; row++, kept += p->capacity) {
        held = p->prefilled + *more;
        for (int32_t frame = 0; frame < p->frames; frame++, in += p->step, out += p->size) {
            if (held + p->step >= p->size) {
                take_frame(p, kept, held, in, out);
            } else {
                memcpy(kept + held, in, (size_t)p->step * sizeof *in);
                held += p->step;
                memset(out, 0, (size_t)p->size * sizeof *out);
                *valid = false;
            }
        }
    }
    *more = held - p->prefilled;
}
