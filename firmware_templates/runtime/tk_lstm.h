/* What the integer kernels of UNIDIRECTIONAL_SEQUENCE_LSTM have in common: what happens behind the sums. */
#ifndef TK_LSTM_H
#define TK_LSTM_H

#include "tk_common.h"
#include "tk_sigmoid.h"

/* Gates, in the order of packed weights and of all arrays of four. */
enum { TK_FORGET, TK_INPUT, TK_OUTPUT, TK_CELL };

typedef struct {
    uint16_t outer, inner;  /* steps and batches in the order of memory */
    uint16_t inner_batches; /* 1 where the inner loop is that over batches */
    uint16_t inputs;
    uint16_t units;
} tk_lstm_sizes;

typedef struct {
    const uint16_t *sigmoid;                    /* [256], of (i / 24) * 65536 */
    int32_t forget_multiplier, forget_shift;    /* for tk_requantize: forget gate * state to state */
    int32_t update_multiplier, update_shift;    /* input gate * cell gate to state */
    int32_t output_multiplier, output_shift;    /* output gate * tanh(state) to output */
    int32_t output_zero_point;
    int16_t clip_low, clip_high;                /* of the state */
    int32_t tanh_multiplier, tanh_shift;        /* state to 3 * 2^12 */
} tk_lstm_cell;

TK_INLINE int32_t tk_saturate_s16(int32_t x)
{
    return tk_clamp(x, INT16_MIN, INT16_MAX);
}

/* The output of one unit, not yet saturated, from its gates' sums in Q3.12; moves its state on. */
TK_INLINE int32_t tk_lstm_unit(const tk_lstm_cell *p, const int32_t gates[4], int16_t *state)
{
    const int32_t forget = tk_sigmoid(p->sigmoid, 3 * gates[TK_FORGET]);
    const int32_t input = tk_sigmoid(p->sigmoid, 3 * gates[TK_INPUT]);
    const int32_t output = tk_sigmoid(p->sigmoid, 3 * gates[TK_OUTPUT]);
    const int32_t cell = tk_tanh(p->sigmoid, 3 * gates[TK_CELL]);
    const int32_t kept = tk_saturate_s16(tk_requantize(forget * *state, p->forget_multiplier, p->forget_shift));
    const int32_t new = tk_saturate_s16(tk_requantize(input * cell, p->update_multiplier, p->update_shift));
    const int32_t sum = tk_clamp(tk_saturate_s16(kept + new), p->clip_low, p->clip_high);
    const int32_t round = p->tanh_shift > 0 ? (int32_t)1 << (p->tanh_shift - 1) : 0;
    const int32_t curved = tk_tanh(p->sigmoid, (sum * p->tanh_multiplier + round) >> p->tanh_shift);
    const int32_t scaled = tk_requantize(curved * output, p->output_multiplier, p->output_shift);

    *state = (int16_t)sum;
    return (int32_t)((uint32_t)scaled + (uint32_t)p->output_zero_point);
}

#endif
