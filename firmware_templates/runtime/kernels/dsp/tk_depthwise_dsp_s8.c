/* DEPTHWISE_CONV_2D with one filter per channel, int8, for Arm cores with the DSP extension: any window.
 *
 * For each pixel there is a list of where its taps are, those of the border being a pixel of zero points. The assembly
 * goes through it for four channels at a time, two taps in a step. */
#include "tk_depthwise_dsp_s8.h"

#include <string.h>

/* What the assembly needs, in the order in which it copies it. */
typedef struct {
    const int8_t *const *taps;
    const int8_t *const *taps_end;
    int8_t *out;
    int32_t last;     /* group of four channels */
    int32_t rounding; /* 2 * zero_point + 1 */
    uintptr_t entry;  /* where in the loop to begin */
    const uint32_t *stream;
} pixel_job;

void tk_dsp_depthwise_pixel(const pixel_job *job);

/* The end of the loop in the assembly; of its steps each takes STEP_BYTES. */
#define UNROLLED 4
#define STEP_BYTES 80
void tk_dsp_depthwise_loop_end(void);

static TK_NOINLINE void list_taps(const tk_depthwise_dsp_s8_params *p, const int8_t *in, int32_t y0, int32_t x0, const int8_t *zero,
                      const int8_t **tap)
{
    const int32_t step = p->dilation_w * p->channels;
    const int32_t end = x0 + p->k_w * p->dilation_w;

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        const int32_t y = y0 + ky * p->dilation_h;
        const int8_t *from = in + (y * p->in_w + x0) * p->channels;
        const int row_inside = y >= 0 && y < p->in_h;

        for (int32_t x = x0; x < end; x += p->dilation_w) {
            *tap++ = row_inside && x >= 0 && x < p->in_w ? from : zero;
            from += step;
        }
    }
}

void tk_depthwise_dsp_s8(const tk_depthwise_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const int32_t taps = p->k_h * p->k_w;
    const int32_t pairs = (taps + 1) / 2;
    const int8_t **const list = scratch;
    int8_t *const zero = (int8_t *)(list + 2 * pairs);
    pixel_job job;

    memset(zero, p->input_zero_point, p->channels);
    list[2 * pairs - 1] = zero; /* stays there when the number of taps is odd */
    job.taps = list;
    job.taps_end = list + 2 * pairs;
    job.last = p->channels - 4;
    job.rounding = 2 * p->zero_point + 1;
    job.entry = (uintptr_t)tk_dsp_depthwise_loop_end - (uintptr_t)(pairs % UNROLLED * STEP_BYTES);
    job.stream = p->stream;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                list_taps(p, in, out_y * p->stride_h - p->pad_top, out_x * p->stride_w - p->pad_left, zero, list);
                job.out = out;
                tk_dsp_depthwise_pixel(&job);
                out += p->channels;
            }
        }
        in += p->in_h * p->in_w * p->channels;
    }
}
