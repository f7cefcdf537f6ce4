/* Multiplies each row with a window, int16: product shifted down and clamped. */
#ifndef TK_SIGNAL_WINDOW_S16_H
#define TK_SIGNAL_WINDOW_S16_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t length;
    int32_t shift; /* 0..31 */
} tk_signal_window_s16_params;

/* in, out [rows][length], may be the same memory; window [length] */
void tk_signal_window_s16(const tk_signal_window_s16_params *p, const int16_t *in, const int16_t *window, int16_t *out);

#endif
