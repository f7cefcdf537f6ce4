/* CONV_2D of windows three columns wide that move by one column, int8, for Arm cores with the DSP extension.
 *
 * The windows of four neighbouring pixels lie in six columns. Those are expanded into scratch memory once, the six
 * inputs of a channel pair next to each other: pixels 0 and 1, 2 and 3 find theirs from the window's column on. */
#include "tk_conv2d_w3_dsp_s8.h"

#include <string.h>

/* 4 * n bytes of each of six columns, `pitch` bytes apart, as pairs; returns the end of what was written. */
uint32_t *tk_dsp_expand_6(const int8_t *in, int32_t pitch, const int8_t *end, uint32_t *act);

/* End of the loop over pairs in six columns; of its steps each takes STEP_BYTES. */
#define UNROLLED 8
#define STEP_BYTES 140
void tk_dsp_w3_end(void);

/* Six columns of a row, some of which are outside. */
static TK_NOINLINE void copy_columns(const tk_conv2d_w3_dsp_s8_params *p, const int8_t *row, int32_t x, uint32_t *to)
{
    const uint32_t zero = (uint8_t)p->input_zero_point * 0x01010101u;
    const int32_t in_c = p->in_c;
    const uint32_t *const end = to + 6 * in_c / 4;
    const int8_t *from = row + x * in_c;

    do {
        const uint32_t *const column_end = to + in_c / 4;
        do {
            uint32_t four = zero;
            if ((uint32_t)x < p->in_w) {
                memcpy(&four, from, 4);
            }
            *to++ = four;
            from += 4;
        } while (to != column_end);
        x++;
    } while (to != end);
}

/* The windows of four pixels, the first of which begins at (x, y). */
static TK_NOINLINE void expand(const tk_conv2d_w3_dsp_s8_params *p, const int8_t *in, int32_t y, int32_t x, uint32_t *act)
{
    const int32_t in_c = p->in_c;
    uint32_t *const columns = act + 3 * in_c * p->k_h;

    do {
        if ((uint32_t)y >= p->in_h) {
            const uint32_t *const end = act + 3 * in_c;
            do {
                *act++ = (uint16_t)p->input_zero_point * 0x10001u;
            } while (act != end);
        } else {
            const int8_t *from = in + (y * p->in_w + x) * in_c;
            if (x < 0 || x + 6 > p->in_w) {
                copy_columns(p, in + y * p->in_w * in_c, x, columns);
                from = (const int8_t *)columns;
            }
            act = tk_dsp_expand_6(from, in_c, from + in_c, act);
        }
        y += p->dilation_h;
    } while (act != columns);
}

void tk_conv2d_w3_dsp_s8_run(const tk_conv2d_w3_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                             tk_dsp_place finish)
{
    const int32_t steps = p->k_h * p->in_c / 2;
    int32_t batches = p->batches;
    tk_dsp_job job;

    tk_dsp_prepare(&job, &p->channels, finish, scratch, 6 * steps);
    job.several = job.single = tk_dsp_entry(tk_dsp_w3_end, steps, UNROLLED, STEP_BYTES);
    do {
        int32_t y = -(int32_t)p->pad_top;
        int32_t rows = p->out_h;
        do {
            int32_t x = -(int32_t)p->pad_left;
            int32_t left = p->out_w;
            do {
                const int32_t count = left < 4 ? left : 4;

                expand(p, in, y, x, scratch);
                out = tk_dsp_write_pixels(&job, &p->channels, count, out);
                x += 4;
                left -= count;
            } while (left != 0);
            y += p->stride_h;
        } while (--rows != 0);
        in += p->in_h * p->in_w * p->in_c;
    } while (--batches != 0);
}
