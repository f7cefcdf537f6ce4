/* DEPTHWISE_CONV_2D with one filter per channel, int8, for cores without long multiplication.
 *
 * A strip of a few rows is computed channel by channel: the input rows that it needs of a channel are brought together
 * in scratch memory, each word an input and its right neighbour, so that a word is multiplied with two weights at once
 * (tk_m0_macros.h). The border stays there for all channels. */
#include "tk_depthwise_conv2d_m0_s8.h"

/* The strip, as tk_depthwise_conv2d_m0_s8_asm.S has it. */
typedef struct {
    const int8_t *in;         /* first row that is inside of the input */
    const int8_t *in_end;     /* behind the last */
    uint32_t *rows;           /* where the first goes, one word before its first pixel */
    const uint32_t *window;   /* of the first output */
    uint32_t *unpacked;       /* weights of a channel */
    const uint32_t *weights;
    const uint32_t *steps;
    int8_t *out;
    int8_t *out_end;
    uint32_t channels;
    uint32_t in_row;          /* bytes: of input rows, */
    uint32_t rows_gap;        /* from the end of what is written of a row of words to the next, */
    uint32_t out_row;         /* of output rows, */
    uint32_t row_step;        /* from a window to the one of the next output row, */
    uint32_t gap;             /* from the end of a window's row to its next */
    uint32_t blocks;          /* of 4 weights, */
    uint32_t blocks_of_row;   /* in a window's row; 1 where it is all the window */
    uint32_t stride;
    uint32_t split;
    int32_t clamp_min, clamp_max;
    int32_t zero;
    uint32_t odd;             /* number of pixels in an input row */
} tk_depthwise_m0_strip;

void tk_depthwise_m0_rows(const tk_depthwise_m0_strip *strip);

void tk_depthwise_conv2d_m0_s8(const tk_depthwise_conv2d_m0_s8_params *p, const int8_t *in, int8_t *out,
                               void *scratch)
{
    const uint32_t blocks_of_row = (p->k_w + 3u) / 4u;
    const uint32_t words = p->words;
    const uint32_t left = p->pad_left > 0 ? p->pad_left : 1u; /* words before a row's first pixel */
    const int32_t reach = (p->k_h - 1) * p->dilation_h;
    uint32_t *const buffer = scratch;
    const uint32_t zero_pair = (uint32_t)p->input_zero_point * 0x10001u;
    tk_depthwise_m0_strip strip = {
        .window = buffer + left - p->pad_left,
        .unpacked = buffer + words * (uint32_t)((p->rows - 1) * p->stride_h + reach + 1),
        .weights = p->weights,
        .steps = p->steps,
        .out_end = out,
        .channels = p->channels,
        .in_row = (uint32_t)p->in_w * p->channels,
        .rows_gap = 4u * (words - p->in_w - 1u),
        .out_row = (uint32_t)p->out_w * p->channels,
        .row_step = 4u * words * p->stride_h,
        .gap = p->k_h == 1 ? 0 : 4u * words * p->dilation_h - 16u * blocks_of_row,
        .blocks = p->k_h * blocks_of_row,
        .blocks_of_row = p->k_h == 1 ? 1 : blocks_of_row,
        .stride = p->stride_w,
        .split = p->split,
        .clamp_min = p->clamp_min,
        .clamp_max = p->clamp_max,
        .zero = p->input_zero_point,
        .odd = p->in_w & 1u,
    };

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->out_h; y += p->rows) {
            const int32_t count = y + p->rows < p->out_h ? p->rows : p->out_h - y;
            const int32_t top = y * p->stride_h - p->pad_top;
            const int32_t end = top + (count - 1) * p->stride_h + reach + 1;
            const int32_t first = top > 0 ? top : 0;
            const int32_t last = end < p->in_h ? end : p->in_h;

            for (uint32_t *word = buffer; word != strip.unpacked; word++) {
                *word = zero_pair;
            }
            strip.in = in + first * (int32_t)strip.in_row;
            strip.in_end = in + last * (int32_t)strip.in_row;
            strip.rows = buffer + words * (uint32_t)(first - top) + left - 1u;
            strip.out = strip.out_end;
            strip.out_end += count * (int32_t)strip.out_row;
            tk_depthwise_m0_rows(&strip);
        }
        in += p->in_h * (int32_t)strip.in_row;
    }
}
