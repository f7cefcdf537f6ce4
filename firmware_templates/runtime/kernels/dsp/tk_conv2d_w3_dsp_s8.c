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
static void copy_columns(const tk_conv2d_w3_dsp_s8_params *p, const int8_t *row, int32_t x0, uint32_t *to)
{
    const uint32_t zero = (uint8_t)p->input_zero_point * 0x01010101u;
    const int32_t words = p->in_c / 4;

    for (int32_t x = x0; x < x0 + 6; x++) {
        if (x < 0 || x >= p->in_w) {
            for (int32_t i = 0; i < words; i++) {
                *to++ = zero;
            }
        } else {
            const int8_t *from = row + x * p->in_c;
            for (int32_t i = 0; i < words; i++) {
                memcpy(to++, from, 4);
                from += 4;
            }
        }
    }
}

/* The windows of four pixels. */
static void expand(const tk_conv2d_w3_dsp_s8_params *p, const int8_t *in, int32_t y0, int32_t x0, uint32_t *act)
{
    const int32_t in_c = p->in_c;
    uint32_t *const columns = act + 3 * in_c * p->k_h;

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        const int32_t y = y0 + ky * p->dilation_h;

        if (y < 0 || y >= p->in_h) {
            const uint32_t zero = (uint16_t)p->input_zero_point * 0x10001u;
            for (int32_t i = 0; i < 3 * in_c; i++) {
                *act++ = zero;
            }
            continue;
        }
        const int8_t *from = in + y * p->in_w * in_c;
        if (x0 >= 0 && x0 + 6 <= p->in_w) {
            from += x0 * in_c;
        } else {
            copy_columns(p, from, x0, columns);
            from = (const int8_t *)columns;
        }
        act = tk_dsp_expand_6(from, in_c, from + in_c, act);
    }
}

void tk_conv2d_w3_dsp_s8_run(const tk_conv2d_w3_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                             tk_dsp_place finish)
{
    const int32_t steps = p->k_h * p->in_c / 2;
    const uintptr_t entry = tk_dsp_entry(tk_dsp_w3_end, steps, UNROLLED, STEP_BYTES);
    tk_dsp_job job;

    tk_dsp_prepare(&job, &p->channels, finish, scratch, 6 * steps, entry, entry);
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            for (int32_t out_x = 0; out_x < p->out_w; out_x += 4) {
                const int32_t left = p->out_w - out_x;
                const int32_t count = left < 4 ? left : 4;

                expand(p, in, out_y * p->stride_h - p->pad_top, out_x - p->pad_left, scratch);
                tk_dsp_write_pixels(&job, &p->channels, count, out);
                out += count * p->channels.channels;
            }
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
