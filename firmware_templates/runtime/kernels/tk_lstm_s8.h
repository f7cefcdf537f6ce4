/* UNIDIRECTIONAL_SEQUENCE_LSTM, int8: portable C. */
#ifndef TK_LSTM_S8_H
#define TK_LSTM_S8_H

#include "tk_lstm.h"

typedef struct {
    tk_lstm_sizes sizes;
    const int8_t *input_weights;     /* [units][inputs][4] */
    const int8_t *recurrent_weights; /* [units][units][4] */
    const int32_t *input_bias;       /* [units][4], zero points included */
    const int32_t *recurrent_bias;
    int32_t input_multiplier[4], input_shift[4]; /* for tk_requantize: sums to Q3.12 */
    int32_t recurrent_multiplier[4], recurrent_shift[4];
    tk_lstm_cell cell;
} tk_lstm_s8_params;

/* in [outer][inner][inputs], hidden and cell [batches][units], out [outer][inner][units] */
void tk_lstm_s8(const tk_lstm_s8_params *p, const int8_t *in, int8_t *hidden, int16_t *cell, int8_t *out);

#endif
