/* FULLY_CONNECTED, int8: portable C.
 *
 * Every weight is used once per batch, so loads of weights dominate. Eight units share each load of an input value.
 */
#include "tk_fully_connected_s8.h"

#include "tk_output_s8.h"

/* One input value against eight units. */
#define MAC_8(i)                   \
    do {                           \
        const int32_t v = x[i];    \
        s0 += v * w[8 * (i)];      \
        s1 += v * w[8 * (i) + 1];  \
        s2 += v * w[8 * (i) + 2];  \
        s3 += v * w[8 * (i) + 3];  \
        s4 += v * w[8 * (i) + 4];  \
        s5 += v * w[8 * (i) + 5];  \
        s6 += v * w[8 * (i) + 6];  \
        s7 += v * w[8 * (i) + 7];  \
    } while (0)

void tk_fully_connected_s8(const tk_fully_connected_s8_params *p, const int8_t *in, int8_t *out)
{
    const int32_t depth = p->depth;
    const int32_t units = p->units;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = p->weights;
        const int8_t *const end = in + depth;
        const int8_t *const end_by_8 = in + (depth & ~7);
        int32_t unit = 0;

        for (; unit + 8 <= units; unit += 8) {
            const tk_output_s8 *const o = &p->output;
            int32_t s0 = tk_bias(o, unit), s1 = tk_bias(o, unit + 1), s2 = tk_bias(o, unit + 2), s3 = tk_bias(o, unit + 3);
            int32_t s4 = tk_bias(o, unit + 4), s5 = tk_bias(o, unit + 5), s6 = tk_bias(o, unit + 6), s7 = tk_bias(o, unit + 7);
            const int8_t *x = in;

            while (x != end_by_8) {
                MAC_8(0);
                MAC_8(1);
                MAC_8(2);
                MAC_8(3);
                MAC_8(4);
                MAC_8(5);
                MAC_8(6);
                MAC_8(7);
                x += 8;
                w += 64;
            }
            while (x != end) {
                MAC_8(0);
                x++;
                w += 8;
            }
            const int32_t sums[8] = {s0, s1, s2, s3, s4, s5, s6, s7};
            tk_write_s8(&p->output, unit, sums, 8, out);
            out += 8;
        }
        for (; unit < units; unit++) {
            int32_t sum = tk_bias(&p->output, unit);
            for (const int8_t *x = in; x != end; x++) {
                sum += *x * *w++;
            }
            const int32_t sums[1] = {sum}; /* an address of sum itself would keep it out of registers */
            tk_write_s8(&p->output, unit, sums, 1, out++);
        }
        in = end;
    }
}
