/* UNIDIRECTIONAL_SEQUENCE_LSTM, int16: portable C. The four gates share each load of an input value. */
#include "tk_lstm_s16.h"

#include <string.h>

static const int8_t *accumulate(const int16_t *in, int32_t count, const int8_t *w, int64_t *sums)
{
    int64_t s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];

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

static int32_t scaled(int64_t sum, int32_t multiplier, int32_t shift)
{
    return tk_saturate_s16((int32_t)((sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift));
}

static void step(const tk_lstm_s16_params *p, const int16_t *in, const int16_t *hidden, int16_t *cell, int16_t *out)
{
    const int8_t *w = p->input_weights;
    const int8_t *r = p->recurrent_weights;

    for (int32_t unit = 0; unit < p->sizes.units; unit++) {
        int64_t sums[4], recurrent[4] = {0};
        int32_t gates[4];
        memcpy(sums, p->input_bias + 4 * unit, sizeof sums);
        w = accumulate(in, p->sizes.inputs, w, sums);
        r = accumulate(hidden, p->sizes.units, r, recurrent);
        for (int32_t i = 0; i < 4; i++) {
            gates[i] = tk_saturate_s16(scaled(sums[i], p->input_multiplier[i], p->input_shift[i])
                                       + scaled(recurrent[i], p->recurrent_multiplier[i], p->recurrent_shift[i]));
        }
        out[unit] = (int16_t)tk_saturate_s16(tk_lstm_unit(&p->cell, gates, cell + unit));
    }
}

void tk_lstm_s16(const tk_lstm_s16_params *p, const int16_t *in, int16_t *hidden, int16_t *cell, int16_t *out)
{
    const int32_t units = p->sizes.units;

    for (int32_t i = 0; i < p->sizes.outer; i++) {
        for (int32_t j = 0; j < p->sizes.inner; j++) {
            const int32_t state = (p->sizes.inner_batches ? j : i) * units;
            step(p, in, hidden + state, cell + state, out);
            memcpy(hidden + state, out, (size_t)units * sizeof *out);
            in += p->sizes.inputs;
            out += units;
        }
    }
}
