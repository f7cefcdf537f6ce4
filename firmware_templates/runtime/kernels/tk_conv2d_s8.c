/* CONV_2D, int8 with per-channel scales: portable C.
 *
 * Two output pixels times four output channels are kept in registers: six loads feed eight multiply-accumulates.
 * A patch that lies inside the input is read where it is, row by row; one that touches the border, or whose rows are
 * too short to be worth a loop each, is first copied into scratch memory, the border filled with the zero point.
 */
#include "tk_conv2d_s8.h"

#include "tk_common.h"
#include "tk_output_s8.h"

/* Where a pixel's patch is read: `rows` runs of `length` bytes, `stride` bytes apart. */
typedef struct {
    const int8_t *first;
    const int8_t *second;
    int32_t rows;
    int32_t length;
    int32_t stride;
} patch_pair;

static void copy_patch(const tk_conv2d_s8_params *p, const int8_t *in, int32_t y0, int32_t x0, int8_t *patch)
{
    const int32_t in_c = p->in_c;
    const int8_t zero = (int8_t)p->input_zero_point;

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        const int32_t y = y0 + ky * p->dilation_h;
        for (int32_t kx = 0; kx < p->k_w; kx++) {
            const int32_t x = x0 + kx * p->dilation_w;
            if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w) {
                for (int32_t c = 0; c < in_c; c++) {
                    *patch++ = zero;
                }
            } else {
                const int8_t *from = in + (y * p->in_w + x) * in_c;
                for (int32_t c = 0; c < in_c; c++) {
                    *patch++ = from[c];
                }
            }
        }
    }
}

/* One input value of each pixel against four channels. */
#define MAC_4(i)                           \
    do {                                   \
        const int32_t xa = a[i];           \
        const int32_t xb = pair ? b[i] : 0; \
        int32_t v = w[4 * (i)];            \
        a0 += v * xa;                      \
        b0 += v * xb;                      \
        v = w[4 * (i) + 1];                \
        a1 += v * xa;                      \
        b1 += v * xb;                      \
        v = w[4 * (i) + 2];                \
        a2 += v * xa;                      \
        b2 += v * xb;                      \
        v = w[4 * (i) + 3];                \
        a3 += v * xa;                      \
        b3 += v * xb;                      \
    } while (0)

/* All channels of one pixel, or of two neighbours when `pair` is set (a constant at both calls, so the compiler
 * drops the second pixel's half). */
TK_INLINE void channels(const tk_conv2d_s8_params *p, const patch_pair *patch, int8_t *out, int pair)
{
    const int32_t out_c = p->out_c;
    const int32_t rows = patch->rows;
    const int32_t length = patch->length;
    const int8_t *w = p->weights;
    int32_t channel = 0;

    for (; channel + 4 <= out_c; channel += 4) {
        int32_t a0 = p->bias[channel], a1 = p->bias[channel + 1];
        int32_t a2 = p->bias[channel + 2], a3 = p->bias[channel + 3];
        int32_t b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        const int8_t *a_row = patch->first;
        const int8_t *b_row = patch->second;

        for (int32_t row = 0; row < rows; row++) {
            const int8_t *a = a_row;
            const int8_t *b = b_row;
            const int8_t *const end = a + length;
            const int8_t *const end_by_4 = a + (length & ~3);
            while (a != end_by_4) {
                MAC_4(0);
                MAC_4(1);
                MAC_4(2);
                MAC_4(3);
                a += 4;
                b += 4;
                w += 16;
            }
            while (a != end) {
                MAC_4(0);
                a++;
                b++;
                w += 4;
            }
            a_row += patch->stride;
            b_row += patch->stride;
        }
        const int32_t sums_a[4] = {a0, a1, a2, a3};
        tk_write_s8(&p->output, channel, sums_a, 4, out + channel);
        if (pair) {
            const int32_t sums_b[4] = {b0, b1, b2, b3};
            tk_write_s8(&p->output, channel, sums_b, 4, out + out_c + channel);
        }
    }
    for (; channel < out_c; channel++) {
        int32_t sum_a = p->bias[channel];
        int32_t sum_b = sum_a;
        const int8_t *a = patch->first;
        const int8_t *b = patch->second;

        for (int32_t row = 0; row < rows; row++) {
            for (int32_t i = 0; i < length; i++) {
                const int32_t v = *w++;
                sum_a += v * a[i];
                sum_b += pair ? v * b[i] : 0;
            }
            a += patch->stride;
            b += patch->stride;
        }
        const int32_t sums[2] = {sum_a, sum_b}; /* an address of sum_a itself would keep it out of registers */
        tk_write_s8(&p->output, channel, &sums[0], 1, out + channel);
        if (pair) {
            tk_write_s8(&p->output, channel, &sums[1], 1, out + out_c + channel);
        }
    }
}

void tk_conv2d_s8(const tk_conv2d_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const int32_t in_c = p->in_c;
    const int32_t patch_bytes = p->k_h * p->k_w * in_c;
    const int32_t reach_y = (p->k_h - 1) * p->dilation_h;
    const int32_t reach_x = (p->k_w - 1) * p->dilation_w;
    int8_t *const copies = scratch;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y = out_y * p->stride_h - p->pad_top;
            const int row_inside = !p->gather && y >= 0 && y + reach_y < p->in_h;

            for (int32_t out_x = 0; out_x < p->out_w;) {
                const int pair = out_x + 1 < p->out_w;
                const int32_t x = out_x * p->stride_w - p->pad_left;
                const int32_t last_x = x + (pair ? p->stride_w : 0);
                patch_pair patch;

                if (row_inside && x >= 0 && last_x + reach_x < p->in_w) {
                    patch.first = in + (y * p->in_w + x) * in_c;
                    patch.second = patch.first + (last_x - x) * in_c;
                    patch.rows = p->k_h;
                    patch.length = p->k_w * in_c;
                    patch.stride = p->dilation_h * p->in_w * in_c;
                } else {
                    copy_patch(p, in, y, x, copies);
                    if (pair) {
                        copy_patch(p, in, y, last_x, copies + patch_bytes);
                    }
                    patch.first = copies;
                    patch.second = copies + patch_bytes;
                    patch.rows = 1;
                    patch.length = patch_bytes;
                    patch.stride = 0;
                }
                if (pair) {
                    channels(p, &patch, out, 1);
                    out += 2 * p->out_c;
                    out_x += 2;
                } else {
                    channels(p, &patch, out, 0);
                    out += p->out_c;
                    out_x += 1;
                }
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
