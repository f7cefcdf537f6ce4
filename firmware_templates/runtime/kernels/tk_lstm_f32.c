/* UNIDIRECTIONAL_SEQUENCE_LSTM, float32: portable C. The four gates share each load of an input value. */
#include "tk_lstm_f32.h"

#include <math.h>
#include <string.h>

#include "tk_logistic_f32.h"

static const float *accumulate(const float *in, int32_t count, const float *w, float *sums)
{
    float s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f;

    for (; count > 0; count--) {
        const float v = *in++;
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

static void step(const tk_lstm_f32_params *p, const float *in, const float *hidden, float *cell, float *out)
{
    static const tk_logistic_f32_params three = {TK_CELL};
    const float *w = p->input_weights;
    const float *r = p->recurrent_weights;

    for (int32_t unit = 0; unit < p->sizes.units; unit++) {
        float gates[4], recurrent[4];
        w = accumulate(in, p->sizes.inputs, w, gates);
        r = accumulate(hidden, p->sizes.units, r, recurrent);
        for (int32_t i = 0; i < 4; i++) {
            gates[i] = gates[i] + p->bias[4 * unit + i] + recurrent[i];
        }
        tk_logistic_f32(&three, gates, gates);
        const float state = gates[TK_FORGET] * cell[unit] + gates[TK_INPUT] * tanhf(gates[TK_CELL]);
        cell[unit] = tk_clampf(state, -p->clip, p->clip);
        out[unit] = tanhf(cell[unit]) * gates[TK_OUTPUT];
    }
}

void tk_lstm_f32(const tk_lstm_f32_params *p, const float *in, float *hidden, float *cell, float *out)
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
