/* UNIDIRECTIONAL_SEQUENCE_LSTM, float32: portable C. */
#ifndef TK_LSTM_F32_H
#define TK_LSTM_F32_H

#include "tk_lstm.h"

typedef struct {
    tk_lstm_sizes sizes;
    const float *input_weights;     /* [units][inputs][4] */
    const float *recurrent_weights; /* [units][units][4] */
    const float *bias;              /* [units][4] */
    float clip;                     /* bound of the cell's size */
} tk_lstm_f32_params;

/* in [outer][inner][inputs], hidden and cell [batches][units], out [outer][inner][units] */
void tk_lstm_f32(const tk_lstm_f32_params *p, const float *in, float *hidden, float *cell, float *out);

#endif
