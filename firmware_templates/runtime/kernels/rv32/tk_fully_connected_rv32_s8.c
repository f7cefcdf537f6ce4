/* FULLY_CONNECTED, int8, for RISC-V cores with multiplication: sixteen units at a time. */
#include "tk_fully_connected_rv32_s8.h"

#include "tk_rv32_output.h"

void tk_fully_connected_rv32_s8(const tk_fully_connected_rv32_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t depth = p->depth;
    const int32_t last = p->units - 16;
    const int32_t step = p->step;
    const int32_t rounded = p->rounded;
    const int32_t low = p->clamp_min;
    const int32_t high = p->clamp_max;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *weights = p->weights;

        for (int32_t next = 0; next < p->units; next += 16) {
            const int32_t unit = next < last ? next : last;
            const int32_t *constants = p->constants + step * unit;
            const int32_t *begin = p->begin + unit;
            int8_t *to = out + unit;
            int32_t sums[16];

            for (int i = 0; i < 16; i++) {
                sums[i] = begin[i];
            }
            tk_rv32_sums_16(sums, weights, in, depth, p->zero);
            for (int i = 0; i < 16; i++) {
                to[i] = tk_rv32_output(sums[i], (uint32_t)constants[0], constants[1], rounded, low, high);
                constants += step;
            }
            weights += 16 * depth;
        }
        in += depth;
        out += p->units;
    }
}
