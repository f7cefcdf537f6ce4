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
#define MAC_4(i)                \
    do {                        \
        const int32_t xa = a[i]; \
        const int32_t xb = b[i]; \
        int32_t v = w[4 * (i)]; \
        a0 += v * xa;           \
        b0 += v * xb;           \
        v = w[4 * (i) + 1];     \
        a1 += v * xa;           \
        b1 += v * xb;           \
        v = w[4 * (i) + 2];     \
        a2 += v * xa;           \
        b2 += v * xb;           \
        v = w[4 * (i) + 3];     \
        a3 += v * xa;           \
        b3 += v * xb;           \
    } while (0)

/* All channels of two pixels. On its own, so that nothing else competes for the registers of its inner loop. */
static TK_NOINLINE void two_pixels(const tk_conv2d_s8_params *p, const patch_pair *patch, int8_t *out_a, int8_t *out_b)
{
    const int32_t out_c = p->out_c;
    const int32_t rows = patch->rows;
    const int32_t length = patch->length;
    const int32_t fours = length / 4;
    const int32_t rest = length % 4;
    const int32_t gap = patch->stride - length;
    const int8_t *w = p->weights;
    int32_t channel = 0;

    for (; channel + 4 <= out_c; channel += 4) {
        int32_t a0 = tk_bias(&p->output, channel), a1 = tk_bias(&p->output, channel + 1);
        int32_t a2 = tk_bias(&p->output, channel + 2), a3 = tk_bias(&p->output, channel + 3);
        int32_t b0 = a0, b1 = a1, b2 = a2, b3 = a3;
        const int8_t *a = patch->first;
        const int8_t *b = patch->second;

        for (int32_t row = rows;;) {
            for (int32_t n = fours; n > 0; n--) {
                MAC_4(0);
                MAC_4(1);
                MAC_4(2);
                MAC_4(3);
                a += 4;
                b += 4;
                w += 16;
            }
            for (int32_t n = rest; n > 0; n--) {
                MAC_4(0);
                a++;
                b++;
                w += 4;
            }
            if (--row == 0) {
                break; /* not after the last row: that would leave the array */
            }
            a += gap;
            b += gap;
        }
        const int32_t sums_a[4] = {a0, a1, a2, a3};
        const int32_t sums_b[4] = {b0, b1, b2, b3};
        tk_write_s8(&p->output, channel, sums_a, 4, out_a + channel);
        tk_write_s8(&p->output, channel, sums_b, 4, out_b + channel);
    }
    for (; channel < out_c; channel++) {
        int32_t sum_a = tk_bias(&p->output, channel);
        int32_t sum_b = sum_a;
        const int8_t *a = patch->first;
        const int8_t *b = patch->second;

        for (int32_t row = 0; row < rows; row++) {
            for (int32_t i = 0; i < length; i++) {
                const int32_t v = *w++;
                sum_a += v * a[i];
                sum_b += v * b[i];
            }
            a += patch->stride;
            b += patch->stride;
        }
        const int32_t sums[2] = {sum_a, sum_b}; /* an address of sum_a itself would keep it out of registers */
        tk_write_s8(&p->output, channel, &sums[0], 1, out_a + channel);
        tk_write_s8(&p->output, channel, &sums[1], 1, out_b + channel);
    }
}

/* An output pixel: its number in the row, and the input's row and column where its patch begins. */
typedef struct {
    int32_t out_x;
    int32_t y, x;
} place;

static place next_place(const tk_conv2d_s8_params *p, place at)
{
    at.out_x++;
    at.x += p->stride_w;
    if (at.out_x == p->out_w) {
        at.out_x = 0;
        at.x = -(int32_t)p->pad_left;
        at.y += p->stride_h;
    }
    return at;
}

static int is_inside(const tk_conv2d_s8_params *p, place at)
{
    return at.y >= 0 && at.y + (p->k_h - 1) * p->dilation_h < p->in_h && at.x >= 0 &&
           at.x + (p->k_w - 1) * p->dilation_w < p->in_w;
}

void tk_conv2d_s8(const tk_conv2d_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const int32_t in_c = p->in_c;
    const int32_t pixels = p->out_h * p->out_w;
    const int32_t patch_bytes = p->k_h * p->k_w * in_c;
    int8_t *const copies = scratch;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        place a = {0, -(int32_t)p->pad_top, -(int32_t)p->pad_left};

        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            /* The last of an odd number of pixels is its own neighbour: done twice, written to the same place. */
            const int alone = pixel + 1 == pixels;
            const place b = alone ? a : next_place(p, a);
            patch_pair patch;

            if (!p->gather && is_inside(p, a) && is_inside(p, b)) {
                patch.first = in + (a.y * p->in_w + a.x) * in_c;
                patch.second = in + (b.y * p->in_w + b.x) * in_c;
                patch.rows = p->k_h;
                patch.length = p->k_w * in_c;
                patch.stride = p->dilation_h * p->in_w * in_c;
            } else {
                copy_patch(p, in, a.y, a.x, copies);
                copy_patch(p, in, b.y, b.x, copies + patch_bytes);
                patch.first = copies;
                patch.second = copies + patch_bytes;
                patch.rows = 1;
                patch.length = patch_bytes;
                patch.stride = 0;
            }
            two_pixels(p, &patch, out, alone ? out : out + p->out_c);
            out += alone ? p->out_c : 2 * p->out_c;
            a = next_place(p, b);
        }
        in += p->in_h * p->in_w * in_c;
    }
}
