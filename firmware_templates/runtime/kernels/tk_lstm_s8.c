/* UNIDIRECTIONAL_SEQUENCE_LSTM, int8: portable C. The four gates share each load of an input value. */
#include "tk_lstm_s8.h"

#include <string.h>

static const int8_t *accumulate(const int8_t *in, int32_t count, const int8_t *w, const int32_t *bias, int32_t *sums)
{
    int32_t s0 = bias[0], s1 = bias[1], s2 = bias[2], s3 = bias[3];

    for (; count > 0; count--) {
        const int32_t v = *in++;
        s0 += v * w[0];
        s1 += v * w[1];
        s2 += v * w[2];
        s3 += v * w[3];
        w += 4;
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
    return w;
}

static void step(const tk_lstm_s8_params *p, const int8_t *in, const int8_t *hidden, int16_t *cell, int8_t *out)
{
    const int8_t *w = p->input_weights;
    const int8_t *r = p->recurrent_weights;

    for (int32_t unit = 0; unit < p->sizes.units; unit++) {
        int32_t gates[4], recurrent[4];
        w = accumulate(in, p->sizes.inputs, w, p->input_bias + 4 * unit, gates);
        r = accumulate(hidden, p->sizes.units, r, p->recurrent_bias + 4 * unit, recurrent);
        for (int32_t i = 0; i < 4; i++) {
            const int32_t a = tk_requantize(gates[i], p->input_multiplier[i], p->input_shift[i]);
            const int32_t b = tk_requantize(recurrent[i], p->recurrent_multiplier[i], p->recurrent_shift[i]);
            gates[i] = tk_saturate_s16(tk_saturate_s16(a) + tk_saturate_s16(b));
        }
        out[unit] = tk_saturate_s8(tk_lstm_unit(&p->cell, gates, cell + unit));
    }
}

void tk_lstm_s8(const tk_lstm_s8_params *p, const int8_t *in, int8_t *hidden, int16_t *cell, int8_t *out)
{
    const int32_t units = p->sizes.units;

    for (int32_t i = 0; i < p->sizes.outer; i++) {
        for (int32_t j = 0; j < p->sizes.inner; j++) {
            const int32_t state = (p->sizes.inner_batches ? j : i) * units;
            step(p, in, hidden + state, cell + state, out);
            memcpy(hidden + state, out, (size_t)units);
            in += p->sizes.inputs;
            out += units;
        }
    }
}
