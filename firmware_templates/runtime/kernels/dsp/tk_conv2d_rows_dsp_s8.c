/* CONV_2D of few input channels, int8, for Arm cores with the DSP extension.
 *
 * The rows of inputs that are needed at a time are copied to scratch memory, with their borders, so that every window
 * is inside. Windows of four pixels are expanded from there and go through tk_dsp_tile. */
#include "tk_conv2d_rows_dsp_s8.h"

#include <string.h>

/* What the assembly needs, in the order in which it reads it. */
typedef struct {
    int32_t offset[4]; /* of the windows of the pixels from that of pixel 0 */
    const int8_t *in;  /* window of pixel 0 */
    int32_t pitch;     /* bytes from one row of a window to the next */
    int32_t rows;
    uint32_t *act;
    int32_t row_bytes; /* of a row, whole words: not 0 */
} expand_job;

/* Returns the end of what was written. */
uint32_t *tk_dsp_expand_rows(const expand_job *job);

/* From the first byte to the last. */
void tk_dsp_copy(int8_t *to, const int8_t *from, int32_t count);

/* The rows in scratch memory: `count` from `first` on. */
typedef struct {
    int8_t *bytes;
    int32_t pitch;
    int32_t first;
    int32_t count;
} row_window;

static TK_NOINLINE int8_t *fill(int8_t *to, int8_t value, int8_t *end)
{
    while (to < end) {
        *to++ = value;
    }
    return to;
}

/* One row with its border, up to `end`. */
static TK_NOINLINE void load_row(const tk_conv2d_rows_dsp_s8_params *p, const int8_t *in, int32_t y, int8_t *to, int8_t *end)
{
    const int8_t zero = (int8_t)p->input_zero_point;
    const int32_t row = p->in_w * p->in_c;

    if ((uint32_t)y < p->in_h) {
        int8_t *const inside = to + p->pad_left * p->in_c;

        to = fill(to, zero, inside < end ? inside : end);
        tk_dsp_copy(to, in + y * row, end - to < row ? (int32_t)(end - to) : row);
        to += row;
    }
    fill(to, zero, end);
}

/* Rows from `first` to before `end` are there afterwards. */
static TK_NOINLINE void move_to(const tk_conv2d_rows_dsp_s8_params *p, const int8_t *in, row_window *window, int32_t first,
                    int32_t end)
{
    const int32_t pitch = window->pitch;

    if (end > window->first + p->rows) {
        const int32_t gone = first - window->first;

        window->count = window->count > gone ? window->count - gone : 0;
        tk_dsp_copy(window->bytes, window->bytes + gone * pitch, window->count * pitch);
        window->first = first;
    }
    while (window->first + window->count < end) {
        int8_t *const to = window->bytes + window->count * pitch;

        load_row(p, in, window->first + window->count, to, to + pitch);
        window->count++;
    }
}

/* What is left of each row, when that is no whole number of words. */
static TK_NOINLINE void expand_rest(const tk_conv2d_rows_dsp_s8_params *p, const expand_job *job, uint32_t *act)
{
    const int32_t rest = p->k_w * p->in_c & 3;
    const int8_t *row = job->in + job->row_bytes;
    int16_t *to = (int16_t *)act;
    int32_t number = 0;

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        for (int32_t i = 0; i < rest; i++) {
            /* pairs are (0, 2) and (1, 3) of each four */
            int16_t *const at = to + (number >> 2) * 16 + (number & 1) * 8 + (number >> 1 & 1);
            at[0] = row[i];
            at[2] = row[i + job->offset[1]];
            at[4] = row[i + job->offset[2]];
            at[6] = row[i + job->offset[3]];
            number++;
        }
        row += job->pitch;
    }
}

static int8_t *one_image(const tk_conv2d_rows_dsp_s8_params *p, const int8_t *in, int8_t *out, tk_dsp_job *job,
                      expand_job *expand, int8_t *rows)
{
    const int32_t reach = (p->k_h - 1) * p->dilation_h + 1;
    const int32_t step = p->stride_w * p->in_c;
    const int32_t words = (int32_t)(job->act_end - job->act) / 4;
    row_window window = {rows, ((p->out_w - 1) * p->stride_w + p->k_w) * p->in_c, -(int32_t)p->pad_top, 0};
    int32_t x = 0;
    int32_t y = -(int32_t)p->pad_top;

    int32_t left = p->out_h * p->out_w;

    expand->pitch = p->dilation_h * window.pitch;
    do {
        const int32_t count = left < 4 ? left : 4;
        const int32_t first = y;
        const int32_t first_x = x;
        int32_t last = y;

        for (int32_t i = 0; i < 4; i++) {
            int32_t offset = 0;
            if (i < count) {
                offset = (y - first) * window.pitch + (x - first_x) * step;
                last = y;
                if (++x == p->out_w) {
                    x = 0;
                    y += p->stride_h;
                }
            }
            expand->offset[i] = offset;
        }
        move_to(p, in, &window, first, last + reach);
        expand->in = window.bytes + (first - window.first) * window.pitch + first_x * step;
        uint32_t *const end = expand->row_bytes > 0 ? tk_dsp_expand_rows(expand) : expand->act;
        if (end != expand->act + 4 * words) {
            expand_rest(p, expand, end);
        }
        out = tk_dsp_write_pixels(job, &p->channels, count, out);
        left -= count;
    } while (left != 0);
    return out;
}

void tk_conv2d_rows_dsp_s8_run(const tk_conv2d_rows_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                               tk_dsp_place finish)
{
    const int32_t row_bytes = p->k_w * p->in_c & ~3;
    const int32_t rest = p->k_h * (p->k_w * p->in_c - row_bytes);
    const int32_t taps = p->k_h * row_bytes + ((rest + 3) & ~3);
    uint32_t *const act = scratch;
    expand_job expand;
    tk_dsp_job job;

    tk_dsp_prepare_flat(&job, &p->channels, finish, act, taps / 2);
    expand.rows = p->k_h;
    expand.act = act;
    expand.row_bytes = row_bytes;
    int32_t batches = p->batches;
    do {
        out = one_image(p, in, out, &job, &expand, (int8_t *)(act + 2 * taps));
        in += p->in_h * p->in_w * p->in_c;
    } while (--batches != 0);
}
