/* FULLY_CONNECTED, int8, for cores with Helium: 16 bytes of the input are held against eight units at a time. The bytes
 * at the input's end are read with those before them, whose weights there are 0. */
#include "tk_fully_connected_mve_s8.h"

#include "tk_mve_copy.h"
#include "tk_mve_dense.h"

void tk_fully_connected_mve_s8(const tk_fully_connected_mve_s8_params *p, const int8_t *in, int8_t *out)
{
    int8_t few[16];
    tk_mve_dense dense;

    dense.chunks = p->depth / 16;
    dense.tail = p->depth % 16;
    dense.weights = p->weights;
    dense.bias = p->bias;
    dense.multiplier = p->multiplier;
    dense.shift = p->shift;
    dense.step = p->per_channel ? 8 : 0;
    dense.units = p->units;
    dense.saturated = p->saturated;
    dense.zero_point = p->zero_point;
    dense.low = p->clamp_min;
    dense.high = p->clamp_max;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        dense.in = in;
        if (p->depth < 16) {
            tk_mve_copy(tk_mve_fill(few, 0, 16 - p->depth), in, p->depth);
            dense.in = few + 16 - p->depth;
        }
        dense.out = out;
        tk_mve_dense_run(&dense);
        in += p->depth;
        out += p->units;
    }
}
