/* CONV_2D, int8 with per-channel scales, for cores with Helium.
 *
 * All channels of a row of pixels are done by tk_mve_block_run. Where a window touches the border, or does
 * not consist of whole chunks of 16 bytes, its rows are first copied into scratch memory, the border filled with the
 * zero point; weights behind the end of a row are zero. Windows of many short rows are copied one by one, too.
 */
#include "tk_conv2d_mve_s8.h"

#include "tk_common.h"
#include "tk_mve_block.h"
#include "tk_mve_copy.h"

/* Pixels whose windows lie at equal distances. */
typedef struct {
    const int8_t *first;
    int32_t step;   /* from a pixel's window to the next one's */
    int32_t row;    /* from a pass to the next one */
    int32_t count;
} pixel_row;

/* All channels of up to `at_once` pixels. */
static void convolve_some(const tk_conv2d_mve_s8_params *p, const pixel_row *pixels, int8_t *out)
{
    const int32_t out_c = p->out_c;
    const int32_t tiles = (pixels->count + 1) / 2;
    const int32_t second = pixels->count - tiles; /* of an odd number the middle one is done twice */
    const int32_t length = p->chunks * TK_MVE_CHUNK;
    tk_mve_block block;

    block.a = pixels->first;
    block.b = pixels->first + second * pixels->step;
    block.a_end = pixels->first + tiles * pixels->step;
    block.weights = p->weights;
    block.bias = p->bias;
    block.multiplier = p->multiplier;
    block.shift = p->shift;
    block.out = out;
    block.advance = pixels->step - (p->passes - 1) * pixels->row - length;
    block.gap = pixels->row - length;
    block.passes = p->passes;
    block.chunks = p->chunks;
    block.tail = p->tail;
    block.finish = p->finish;
    block.step = out_c;
    block.zero_point = p->zero_point;
    block.low = p->clamp_min;
    block.high = p->clamp_max;
    block.channels = out_c;
    for (int32_t i = 0; i < 4; i++) {
        const int32_t last = i < out_c % 4 ? i : out_c % 4 - 1;
        block.offsets[2 * i] = (uint16_t)i;
        block.offsets[2 * i + 1] = (uint16_t)(second * out_c + i);
        block.last_offsets[2 * i] = (uint16_t)last;
        block.last_offsets[2 * i + 1] = (uint16_t)(second * out_c + last);
    }
    tk_mve_block_run(&block);
}

/* All channels of a row of pixels, some pixels at a time. Returns the end of what it wrote. */
static int8_t *convolve(const tk_conv2d_mve_s8_params *p, pixel_row pixels, int8_t *out)
{
    const int32_t most = p->at_once;
    int32_t rest = pixels.count;

    do {
        pixels.count = rest < most ? rest : most;
        convolve_some(p, &pixels, out);
        pixels.first += pixels.count * pixels.step;
        out += pixels.count * p->out_c;
        rest -= pixels.count;
    } while (rest > 0);
    return out;
}

/* The input's rows that windows of an output row read, the first of them y, with the border; `pitch` bytes each. */
static void copy_rows(const tk_conv2d_mve_s8_params *p, const int8_t *in, int32_t y, int32_t pitch, int8_t *rows)
{
    const int32_t width = p->in_w * p->in_c;
    const int32_t margin = p->pad_left * p->in_c;
    const int32_t left = margin < pitch ? margin : pitch;
    const int32_t inside = width < pitch - left ? width : pitch - left;

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        if (y < 0 || y >= p->in_h) {
            rows = tk_mve_fill(rows, p->input_zero_point, pitch);
        } else {
            rows = tk_mve_fill(rows, p->input_zero_point, left);
            rows = tk_mve_copy(rows, in + y * width, inside);
            rows = tk_mve_fill(rows, p->input_zero_point, pitch - left - inside);
        }
        y += p->dilation_h;
    }
}

/* One window, its runs of neighbouring columns one after the other. */
static void copy_patch(const tk_conv2d_mve_s8_params *p, const int8_t *rows, int32_t pitch, int8_t *patch)
{
    const int32_t runs = p->dilation_w == 1 ? 1 : p->k_w;
    const int32_t length = p->k_w / runs * p->in_c;

    if (runs == 1 && length <= 16) {
        tk_mve_copy_rows(patch, rows, p->k_h, length, pitch);
        return;
    }
    for (int32_t ky = 0; ky < p->k_h; ky++) {
        for (int32_t run = 0; run < runs; run++) {
            patch = tk_mve_copy(patch, rows + run * p->dilation_w * p->in_c, length);
        }
        rows += pitch;
    }
}

void tk_conv2d_mve_s8(const tk_conv2d_mve_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const int32_t in_c = p->in_c;
    const int32_t columns = (p->out_w - 1) * p->stride_w + (p->k_w - 1) * p->dilation_w + 1;
    const int32_t pitch = columns * in_c;
    const int32_t patch_bytes = p->passes * p->chunks * TK_MVE_CHUNK;
    int8_t *const rows = scratch;
    int8_t *const patches = rows + (p->source == TK_MVE_PATCHES ? p->k_h * pitch : 0);
    pixel_row pixels;
    int32_t patch_count = 0;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t out_y = 0; out_y < p->out_h; out_y++) {
            const int32_t y = out_y * p->stride_h - p->pad_top;

            pixels.first = in + y * p->in_w * in_c;
            pixels.row = p->k_h > 1 ? p->dilation_h * p->in_w * in_c : p->chunks * TK_MVE_CHUNK;
            if (p->source != TK_MVE_IN_PLACE) {
                copy_rows(p, in, y, pitch, rows);
                pixels.first = rows;
                pixels.row = pitch;
            }
            if (p->source == TK_MVE_PATCHES) {
                const int8_t *window = rows;
                const int last_row = batch + 1 == p->batches && out_y + 1 == p->out_h;

                for (int32_t out_x = 0; out_x < p->out_w; out_x++) {
                    copy_patch(p, window, pitch, patches + patch_count * patch_bytes);
                    window += p->stride_w * in_c;
                    if (++patch_count == p->at_once || (last_row && out_x + 1 == p->out_w)) {
                        const pixel_row copied = {patches, patch_bytes, p->chunks * TK_MVE_CHUNK, patch_count};
                        out = convolve(p, copied, out);
                        patch_count = 0;
                    }
                }
            } else {
                pixels.step = p->stride_w * in_c;
                pixels.count = p->out_w;
                out = convolve(p, pixels, out);
            }
        }
        in += p->in_h * p->in_w * in_c;
    }
}
