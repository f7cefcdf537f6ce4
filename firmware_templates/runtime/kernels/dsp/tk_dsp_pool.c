/* See tk_dsp_pool.h. */
#include "tk_dsp_pool.h"

void tk_dsp_pool(const tk_pool2d_window *w, tk_dsp_pool_pixel pixel, const void *params, const int8_t *in, int8_t *out)
{
    const int32_t row = w->in_w * w->channels;
    int32_t batches = w->batches;
    tk_dsp_pool_part part;

    part.channels = w->channels;
    do {
        int32_t out_y = 0;
        do {
            const tk_span ys = tk_pool2d_span(out_y, w->stride_h, w->pad_top, w->k_h, w->in_h);
            int32_t out_x = 0;

            part.rows = ys.end - ys.begin;
            do {
                const tk_span xs = tk_pool2d_span(out_x, w->stride_w, w->pad_left, w->k_w, w->in_w);

                part.columns = xs.end - xs.begin;
                part.gap = row - part.columns * part.channels;
                pixel(&part, params, in + ys.begin * row + xs.begin * part.channels, out);
                out += part.channels;
            } while (++out_x < w->out_w);
        } while (++out_y < w->out_h);
        in += w->in_h * row;
    } while (--batches != 0);
}
