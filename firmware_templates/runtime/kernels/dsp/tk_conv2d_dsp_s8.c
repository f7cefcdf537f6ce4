/* CONV_2D, int8, for Arm cores with the DSP extension: the patches of four pixels at a time are expanded into scratch
 * memory and go through tk_dsp_tile. */
#include "tk_conv2d_dsp_s8.h"

#include "tk_dsp_expand_1.h"

/* Where the next patch begins, in the input of its batch. */
typedef struct {
    const int8_t *image;
    int32_t out_y, out_x;
    int32_t y, x;
} place;

static void next_place(const tk_conv2d_dsp_s8_params *p, place *at)
{
    at->x += p->stride_w;
    if (++at->out_x == p->out_w) {
        at->out_x = 0;
        at->x = -(int32_t)p->pad_left;
        at->y += p->stride_h;
        if (++at->out_y == p->out_h) {
            at->out_y = 0;
            at->y = -(int32_t)p->pad_top;
            at->image += p->in_h * p->in_w * p->in_c;
        }
    }
}

/* Columns [*begin, *end) of a window are inside of the input. */
static TK_NOINLINE void columns_inside(const tk_conv2d_dsp_s8_params *p, int32_t x0, int32_t *begin, int32_t *end)
{
    int32_t first = 0;
    int32_t last = p->k_w;

    while (first < last && x0 + first * p->dilation_w < 0) {
        first++;
    }
    while (last > first && x0 + (last - 1) * p->dilation_w >= p->in_w) {
        last--;
    }
    *begin = first;
    *end = last;
}

static TK_NOINLINE uint32_t *fill_pairs(uint32_t pair, int32_t words, uint32_t *act)
{
    return words > 0 ? tk_dsp_fill_1(pair, words, act) : act;
}

/* A patch, to where the tile reads it. */
static void expand(const tk_conv2d_dsp_s8_params *p, const place *at, uint32_t *act)
{
    const int32_t in_c = p->in_c;
    const int32_t words = in_c / 4;
    const uint32_t zero = (uint16_t)p->input_zero_point * 0x10001u;
    int32_t begin, end;

    columns_inside(p, at->x, &begin, &end);
    for (int32_t ky = 0; ky < p->k_h; ky++) {
        const int32_t y = at->y + ky * p->dilation_h;

        if (y < 0 || y >= p->in_h || begin == end) {
            act = fill_pairs(zero, p->k_w * words, act);
            continue;
        }
        const int8_t *from = at->image + (y * p->in_w + at->x + begin * p->dilation_w) * in_c;
        act = fill_pairs(zero, begin * words, act);
        if (p->dilation_w == 1) {
            act = tk_dsp_expand_1(from, (end - begin) * words, act);
        } else {
            for (int32_t kx = begin; kx < end; kx++) {
                act = tk_dsp_expand_1(from, words, act);
                from += p->dilation_w * in_c;
            }
        }
        act = fill_pairs(zero, (p->k_w - end) * words, act);
    }
}

void tk_conv2d_dsp_s8_run(const tk_conv2d_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                          tk_dsp_place finish)
{
    const int32_t taps = p->k_h * p->k_w * p->in_c;
    uint32_t *const act = scratch;
    place at = {in, 0, 0, -(int32_t)p->pad_top, -(int32_t)p->pad_left};
    tk_dsp_job job;

    tk_dsp_prepare_flat(&job, &p->channels, finish, act, taps / 2);
    for (int32_t left = p->batches * p->out_h * p->out_w; left > 0; left -= 4) {
        const int32_t count = left < 4 ? left : 4;

        for (int32_t i = 0; i < count; i++) {
            expand(p, &at, act + i);
            next_place(p, &at);
        }
        tk_dsp_write_pixels(&job, &p->channels, count, out);
        out += count * p->channels.channels;
    }
}
