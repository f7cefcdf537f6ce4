/* FULLY_CONNECTED, int8, for cores without long multiplication.
 *
 * Each weight is used once, so that nothing pays that would have to be done to it before: loaded as a byte, which only
 * has an immediate offset when it is unsigned, multiplied, added. Eight units share what else an input costs. */
#include "tk_fully_connected_m0_s8.h"

/* One batch, as tk_fully_connected_m0_s8_asm.S has it. */
typedef struct {
    const int8_t *in_end;
    uint32_t depth;
    const uint8_t *weights;
    const int32_t *bias;
    const uint32_t *steps;
    int8_t *out;
    int8_t *out_end;
    int32_t excess; /* less: what the weights' 128 adds to each sum */
    uint32_t per_channel;
    uint32_t split;
    int32_t clamp_min, clamp_max;
} tk_fully_connected_m0_batch;

void tk_fully_connected_m0_batch_s8(const tk_fully_connected_m0_batch *batch);

void tk_fully_connected_m0_s8(const tk_fully_connected_m0_s8_params *p, const int8_t *in, int8_t *out)
{
    for (int32_t n = p->batches; n > 0; n--) {
        const int8_t *const end = in + p->depth;
        int32_t sum = 0;

        do {
            sum += *in++;
        } while (in != end);
        const tk_fully_connected_m0_batch batch = {
            .in_end = end,
            .depth = p->depth,
            .weights = p->weights,
            .bias = p->bias,
            .steps = p->steps,
            .out = out,
            .out_end = out + p->units,
            .excess = -128 * sum,
            .per_channel = p->per_channel,
            .split = p->split,
            .clamp_min = p->clamp_min,
            .clamp_max = p->clamp_max,
        };
        tk_fully_connected_m0_batch_s8(&batch);
        out += p->units;
    }
}
