/* UNIDIRECTIONAL_SEQUENCE_LSTM, int16: portable C. */
#ifndef TK_LSTM_S16_H
#define TK_LSTM_S16_H

#include "tk_lstm.h"

typedef struct {
    tk_lstm_sizes sizes;
    const int8_t *input_weights;     /* [units][inputs][4] */
    const int8_t *recurrent_weights; /* [units][units][4] */
    const int64_t *input_bias;       /* [units][4] */
    /* sum * multiplier * 2^-shift, rounded to nearest, in Q3.12; multiplier below 2^15, shift 1 to 62 */
    int32_t input_multiplier[4], input_shift[4];
    int32_t recurrent_multiplier[4], recurrent_shift[4];
    tk_lstm_cell cell;
} tk_lstm_s16_params;

/* in [outer][inner][inputs], hidden and cell [batches][units], out [outer][inner][units] */
void tk_lstm_s16(const tk_lstm_s16_params *p, const int16_t *in, int16_t *hidden, int16_t *cell, int16_t *out);

#endif
