/* What the integer kernels of SVDF have in common. */
#ifndef TK_SVDF_H
#define TK_SVDF_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t inputs;
    uint16_t units;
    uint16_t rank;   /* filters of a unit */
    uint16_t memory; /* steps that are kept of each filter */
    int16_t input_zero_point;
    int16_t state_zero_point;
    int16_t output_zero_point;
    int32_t feature_multiplier, feature_shift; /* for tk_requantize: sum of inputs to state */
    int32_t output_multiplier, output_shift;   /* sum of states to output */
} tk_svdf_params;

/* The functions of int8 layers whose state and weights of time are of type T, with values low to high.
 *
 * The state holds, for each batch and filter, the features of the last steps, the oldest first. Outputs are written
 * after all inputs were read. As in TFLite-Micro, sums over time wrap around, and a feature does when the state's zero
 * point is added to it. */
#define TK_SVDF(name, T, low, high)                                                                                   \
    static void remember(const tk_svdf_params *p, const int8_t *in, const int8_t *feature, T *state)                  \
    {                                                                                                                 \
        const int32_t last = p->memory - 1;                                                                           \
        for (int32_t batch = 0; batch < p->batches; batch++) {                                                        \
            const int8_t *w = feature;                                                                                \
            for (int32_t filter = p->units * p->rank; filter > 0; filter--) {                                         \
                int32_t sum = 0;                                                                                      \
                for (int32_t i = 0; i < p->inputs; i++) {                                                             \
                    sum += *w++ * (in[i] - p->input_zero_point);                                                      \
                }                                                                                                     \
                const int32_t scaled = tk_requantize(sum, p->feature_multiplier, p->feature_shift);                   \
                for (int32_t i = 0; i < last; i++) {                                                                  \
                    state[i] = state[i + 1];                                                                          \
                }                                                                                                     \
                state[last] = (T)(tk_clamp(scaled, low, high) + p->state_zero_point);                                 \
                state += p->memory;                                                                                   \
            }                                                                                                         \
            in += p->inputs;                                                                                          \
        }                                                                                                             \
    }                                                                                                                 \
                                                                                                                      \
    void name(const tk_svdf_params *p, const int8_t *in, const int8_t *feature, const T *time, const int32_t *bias,   \
              T *state, int8_t *out)                                                                                  \
    {                                                                                                                 \
        remember(p, in, feature, state);                                                                              \
        for (int32_t batch = 0; batch < p->batches; batch++) {                                                        \
            const T *w = time;                                                                                        \
            for (int32_t unit = 0; unit < p->units; unit++) {                                                         \
                uint32_t sum = (uint32_t)bias[unit];                                                                  \
                for (int32_t i = p->rank * p->memory; i > 0; i--) {                                                   \
                    sum += (uint32_t)(*w++ * (*state++ - p->state_zero_point));                                       \
                }                                                                                                     \
                const int32_t scaled = tk_requantize((int32_t)sum, p->output_multiplier, p->output_shift);            \
                *out++ = tk_saturate_s8((int32_t)((uint32_t)scaled + (uint32_t)p->output_zero_point));                \
            }                                                                                                         \
        }                                                                                                             \
    }

#endif
