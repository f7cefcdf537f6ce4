/* DEPTHWISE_CONV_2D, int8, for Arm cores with the DSP extension: window 3x3, stride 1 or 2.
 *
 * A channel has a column of inputs for each x in scratch memory: two pairs of rows, sign-extended to 16 bits. These
 * four rows give two rows of outputs at stride 1, one at stride 2. Then two more rows take the place of the first pair.
 * Channels are done in blocks, all rows of one before the next, so that little scratch memory is enough. */
#include "tk_depthwise3x3_dsp_s8.h"

#include <string.h>

/* What the assembly needs, in the order in which it copies it. */
typedef struct {
    int32_t second_row; /* bytes from the first row of outputs to the second; 0: none, what is written first is lost */
    int32_t pixel;      /* bytes from one output to the next */
    const uint32_t *columns;
    int8_t *out;
    const uint32_t *stream;
    const uint32_t *stream_end;
    int32_t channel_bytes; /* of the columns of a channel */
    int32_t row_bytes;     /* of columns that a row of outputs steps over */
    int32_t rounding; /* 2 * zero_point + 1 */
} rows_job;

void tk_dsp_depthwise3x3_rows(const rows_job *job, tk_dsp_depthwise3x3_loop loop);

/* Two rows of inputs to columns. */
typedef struct {
    const int8_t *upper, *lower;
    int32_t upper_step, lower_step; /* bytes from one pixel to the next; 0 for a row of the border */
    uint32_t *columns;              /* of the pair */
    int32_t channel_bytes;
    int32_t pixels;
    int32_t channels;
} pair_job;

void tk_dsp_depthwise3x3_pair(const pair_job *job);

typedef struct {
    const tk_depthwise3x3_dsp_s8_params *p;
    const int8_t *in;   /* of the first channel of the block */
    const int8_t *zero; /* a pixel of the border */
    uint32_t *columns;
    int32_t channel_words;
    int32_t channels;
} block_job;

static TK_NOINLINE void load_rows(const block_job *block, int32_t y, int32_t pair)
{
    const tk_depthwise3x3_dsp_s8_params *const p = block->p;
    const int32_t room = block->channel_words / 2 - p->pad_left;
    const int8_t *const upper = block->in + y * p->in_w * p->channels;
    pair_job job;

    job.upper_step = (uint32_t)y < p->in_h ? p->channels : 0;
    job.lower_step = (uint32_t)(y + 1) < p->in_h ? p->channels : 0;
    job.upper = job.upper_step ? upper : block->zero;
    job.lower = job.lower_step ? upper + p->in_w * p->channels : block->zero;
    job.columns = block->columns + 2 * p->pad_left + pair;
    job.channel_bytes = 4 * block->channel_words;
    job.pixels = room < p->in_w ? room : p->in_w;
    job.channels = block->channels;
    tk_dsp_depthwise3x3_pair(&job);
}

static TK_NOINLINE void fill_border(const block_job *block, uint32_t zero)
{
    const tk_depthwise3x3_dsp_s8_params *const p = block->p;
    const int32_t left = 2 * p->pad_left;
    const int32_t right = left + 2 * p->in_w;
    uint32_t *columns = block->columns;
    int32_t channels = block->channels;

    do {
        for (int32_t i = 0; i < left; i++) {
            columns[i] = zero;
        }
        for (int32_t i = right; i < block->channel_words; i++) {
            columns[i] = zero;
        }
        columns += block->channel_words;
    } while (--channels != 0);
}

static TK_NOINLINE void one_block(const block_job *block, const tk_dsp_depthwise3x3_loop *loops, const uint32_t *stream, int8_t *out)
{
    const tk_depthwise3x3_dsp_s8_params *const p = block->p;
    const int32_t row = p->out_w * p->channels;
    const int32_t rows = p->stride == 1 ? 2 : 1;
    int32_t y = -(int32_t)p->pad_top;
    int32_t out_y = -rows; /* two pairs of rows come first */
    int32_t pair = 0;
    rows_job job;

    job.pixel = p->channels;
    job.stream = stream;
    job.columns = block->columns;
    job.channel_bytes = 4 * block->channel_words;
    job.row_bytes = 8 * p->stride * p->out_w;
    job.stream_end = stream + 5 * block->channels;
    job.rounding = 2 * p->zero_point + 1;
    do {
        load_rows(block, y, pair);
        pair ^= 1;
        if (out_y >= 0) {
            job.second_row = out_y + 1 < p->out_h ? row : 0;
            job.out = out;
            tk_dsp_depthwise3x3_rows(&job, loops[pair]);
            out += rows * row;
        }
        out_y += rows;
        y += 2;
    } while (out_y < p->out_h);
}

void tk_depthwise3x3_dsp_s8_run(const tk_depthwise3x3_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                                tk_dsp_depthwise3x3_loop loop_0, tk_dsp_depthwise3x3_loop loop_1)
{
    const tk_dsp_depthwise3x3_loop loops[2] = {loop_0, loop_1};
    block_job block;
    int8_t *zero;

    block.p = p;
    block.columns = scratch;
    block.channel_words = 2 * ((p->out_w - 1) * p->stride + 3);
    zero = (int8_t *)(block.columns + p->block * block.channel_words);
    memset(zero, p->input_zero_point, p->block);
    block.zero = zero;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t channel = 0; channel < p->channels; channel += p->block) {
            const int32_t left = p->channels - channel;

            block.in = in + channel;
            block.channels = left < p->block ? left : p->block;
            fill_border(&block, (uint16_t)p->input_zero_point * 0x10001u);
            one_block(&block, loops, p->stream + 5 * channel, out + channel);
        }
        in += p->in_h * p->in_w * p->channels;
        out += p->out_h * p->out_w * p->channels;
    }
}
