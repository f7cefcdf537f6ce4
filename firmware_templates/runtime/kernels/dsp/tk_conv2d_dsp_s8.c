/* CONV_2D, int8, for Arm cores with the DSP extension: the patches of four pixels at a time are expanded into scratch
 * memory and go through tk_dsp_tile. */
#include "tk_conv2d_dsp_s8.h"

#include "tk_dsp_expand_1.h"

/* The first of `taps` taps, `dilation` apart from `start` on, that is not before `limit`. */
static int32_t first_from(int32_t limit, int32_t start, int32_t dilation, int32_t taps)
{
    return tk_clamp((limit - start + dilation - 1) / dilation, 0, taps);
}

/* The patch that begins at (x0, y), to where the tile reads it. */
static TK_NOINLINE void expand(const tk_conv2d_dsp_s8_params *p, const int8_t *image, int32_t y, int32_t x0, uint32_t *act)
{
    const int32_t in_c = p->in_c;
    const int32_t words = in_c / 4;
    const int32_t k_w = p->k_w;
    const int32_t dilation = p->dilation_w;
    const uint32_t zero = (uint16_t)p->input_zero_point * 0x10001u;
    const int32_t first = first_from(0, x0, dilation, k_w);
    const int32_t past = first_from(p->in_w, x0, dilation, k_w);
    int32_t rows = p->k_h;

    do {
        const int inside = (uint32_t)y < p->in_h;
        const int32_t begin = inside ? first : k_w;
        const int32_t end = inside ? past : k_w;
        const int8_t *from = image + (y * p->in_w + x0 + begin * dilation) * in_c;
        /* neighbouring columns at once */
        int32_t parts = dilation == 1 ? 1 : end - begin;
        const int32_t part = dilation == 1 ? (end - begin) * words : words;

        act = tk_dsp_fill_1(zero, begin * words, act);
        for (; parts > 0; parts--) {
            act = tk_dsp_expand_1(from, part, act);
            from += dilation * in_c;
        }
        act = tk_dsp_fill_1(zero, (k_w - end) * words, act);
        y += p->dilation_h;
    } while (--rows != 0);
}

void tk_conv2d_dsp_s8_run(const tk_conv2d_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                          tk_dsp_place finish)
{
    uint32_t *const act = scratch;
    int32_t left = p->batches * p->out_h * p->out_w;
    int32_t out_y = 0;
    int32_t out_x = 0;
    tk_dsp_job job;

    tk_dsp_prepare_flat(&job, &p->channels, finish, act, p->k_h * p->k_w * p->in_c / 2);
    do {
        const int32_t count = left < 4 ? left : 4;

        for (int32_t i = 0; i < count; i++) {
            expand(p, in, out_y * p->stride_h - p->pad_top, out_x * p->stride_w - p->pad_left, act + i);
            if (++out_x == p->out_w) {
                out_x = 0;
                if (++out_y == p->out_h) {
                    out_y = 0;
                    in += p->in_h * p->in_w * p->in_c;
                }
            }
        }
        out = tk_dsp_write_pixels(&job, &p->channels, count, out);
        left -= count;
    } while (left != 0);
}
