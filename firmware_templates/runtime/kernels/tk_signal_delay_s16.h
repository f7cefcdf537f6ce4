/* Delays rows of samples, int16. */
#ifndef TK_SIGNAL_DELAY_S16_H
#define TK_SIGNAL_DELAY_S16_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t length; /* samples of a row in one call */
    int32_t delay; /* samples, at least 1 */
} tk_signal_delay_s16_params;

/* in, out [rows][length], may be the same memory; state: place of the oldest sample (int32), then samples [rows][delay] */
void tk_signal_delay_s16(const tk_signal_delay_s16_params *p, const int16_t *in, int16_t *out, void *state);

#endif
