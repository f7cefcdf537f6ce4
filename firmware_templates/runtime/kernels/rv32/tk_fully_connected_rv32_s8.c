/* FULLY_CONNECTED, int8, for RISC-V cores with multiplication: sixteen units at a time. */
#include "tk_fully_connected_rv32_s8.h"

#include "tk_rv32_output.h"

#define BLOCK 16

static void few_units(const tk_fully_connected_rv32_s8_params *p, const int8_t *in, int32_t *sums)
{
    const int32_t zero = p->zero;
    const int8_t *const end = in + p->depth;
    const int8_t *w = p->weights;

    for (int32_t unit = 0; unit < p->units; unit++) {
        int32_t sum = sums[unit];
        for (const int8_t *x = in; x != end; x++) {
            sum += *w++ * (*x - zero);
        }
        sums[unit] = sum;
    }
}

void tk_fully_connected_rv32_s8(const tk_fully_connected_rv32_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t depth = p->depth;
    const int32_t units = p->units;
    const int32_t count = units < BLOCK ? units : BLOCK;
    const int32_t last = units - count;
    const int32_t step = p->step;
    const int32_t rounded = p->rounded;
    const int32_t low = p->clamp_min;
    const int32_t high = p->clamp_max;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *weights = p->weights;

        for (int32_t next = 0; next < units; next += BLOCK) {
            const int32_t unit = next < last ? next : last;
            const int32_t *constants = p->constants + step * unit;
            const int32_t *begin = p->begin + unit;
            int8_t *to = out + unit;
            int32_t sums[BLOCK];

            for (int32_t i = 0; i < count; i++) {
                sums[i] = begin[i];
            }
            if (units < BLOCK) {
                few_units(p, in, sums);
            } else {
                tk_rv32_sums_16(sums, weights, in, depth, p->zero);
            }
            for (int32_t i = 0; i < count; i++) {
                to[i] = tk_rv32_output(sums[i], (uint32_t)constants[0], constants[1], rounded, low, high);
                constants += step;
            }
            weights += BLOCK * depth;
        }
        in += depth;
        out += units;
    }
}
