/* ADD and SUB, int8: (a * scale_a + b * scale_b + offset) >> shift, clamped.
 *
 * TFLite rescales both operands and their sum, rounding each time. There are only 65536 pairs of operands: the
 * compiler uses this formula when it found integers with which it gives TFLite's result for every one of them, and
 * tk_add_rescale_s8 when there are none.
 */
#include "tk_add_s8.h"

#include "tk_common.h"

static void add_row(const tk_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const int32_t scale_a = p->scale_a;
    const int32_t scale_b = p->scale_b;
    const int32_t offset = p->offset;
    const int32_t shift = p->shift;
    int32_t count = p->row;
    const int8_t *const end = a + (count & ~3);

    for (; a != end; a += 4, b += 4, out += 4) {
        /* Loads first: the compiler may not move them over stores, which might be to the same memory. */
        const int32_t x0 = (offset + a[0] * scale_a + b[0] * scale_b) >> shift;
        const int32_t x1 = (offset + a[1] * scale_a + b[1] * scale_b) >> shift;
        const int32_t x2 = (offset + a[2] * scale_a + b[2] * scale_b) >> shift;
        const int32_t x3 = (offset + a[3] * scale_a + b[3] * scale_b) >> shift;
        out[0] = tk_saturate_s8(x0);
        out[1] = tk_saturate_s8(x1);
        out[2] = tk_saturate_s8(x2);
        out[3] = tk_saturate_s8(x3);
    }
    for (count &= 3; count > 0; count--) {
        *out++ = tk_saturate_s8((offset + *a++ * scale_a + *b++ * scale_b) >> shift);
    }
}

static void add_row_general(const tk_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const int32_t scale_a = p->scale_a;
    const int32_t scale_b = p->scale_b;
    const int32_t offset = p->offset;
    const int32_t shift = p->shift;
    const int32_t step_b = p->step_b;
    const int32_t low = p->low;
    const int32_t high = p->high;
    const int8_t *const end = a + p->row;

    for (; a != end; b += step_b) {
        const int32_t x = (offset + *a++ * scale_a + *b * scale_b) >> shift;
        *out++ = (int8_t)tk_clamp(x, low, high);
    }
}

void tk_add_s8(const tk_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const bool whole_range = p->low == -128 && p->high == 127;
    tk_broadcast at = {{0}, 0, 0};

    do {
        if (whole_range && p->step_b) {
            add_row(p, a + at.a, b + at.b, out);
        } else {
            add_row_general(p, a + at.a, b + at.b, out);
        }
        out += p->row;
    } while (tk_broadcast_next(&at, p->count, p->stride_a, p->stride_b));
}
