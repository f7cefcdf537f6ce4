/* DEPTHWISE_CONV_2D with one filter per channel, int8, for cores with Helium.
 *
 * Some rows of eight channels at a time are taken apart into images of one channel each, with the border, in scratch
 * memory. There a window's bytes lie close enough for one gathering load, and the instruction that sums sixteen products
 * serves a depthwise convolution, too.
 */
#include "tk_depthwise_conv2d_mve_s8.h"

#include "tk_common.h"
#include "tk_mve_copy.h"
#include "tk_mve_taps.h"

/* Where the next tile of outputs begins; the last ones of a row, and of a column, lie over their neighbours. */
typedef struct {
    int32_t y, x;
} tile_place;

static int32_t next_along(int32_t at, int32_t tile, int32_t size)
{
    const int32_t next = at + tile;
    return next >= size || next + tile <= size ? next : size - tile;
}

/* Writes all tiles and returns how many pairs they are; of an odd number the last one is done twice. */
static int32_t list_tiles(const tk_depthwise_conv2d_mve_s8_params *p, int32_t pitch, tk_mve_tiles *tiles)
{
    tk_mve_tiles *pair = tiles;
    int32_t is_second = 0;
    tile_place at;

    for (at.y = 0; at.y < p->rows; at.y = next_along(at.y, p->tile_h, p->rows)) {
        for (at.x = 0; at.x < p->out_w; at.x = next_along(at.x, p->tile_w, p->out_w)) {
            const uint32_t plane = (uint32_t)(at.y * p->stride_h * pitch + at.x * p->stride_w);
            const uint32_t out = (uint32_t)((at.y * p->out_w + at.x) * p->channels);

            pair->plane_b = plane;
            if (is_second) {
                pair->out = (pair->out & 0xFFFFu) | out << 16;
                pair++;
            } else {
                pair->plane_a = plane;
                pair->out = out | out << 16;
            }
            is_second ^= 1;
        }
    }
    return (int32_t)(pair - tiles) + is_second;
}

/* Up to eight channels of the input's rows from y on. */
static void split_rows(const tk_depthwise_conv2d_mve_s8_params *p, const int8_t *in, int32_t y, int32_t height,
                       int32_t pitch, int32_t channels, int32_t plane_bytes, int8_t *planes)
{
    const int32_t left = p->pad_left < pitch ? p->pad_left : pitch;
    const int32_t above = y < 0 ? -y : 0;
    tk_mve_split split;

    split.rows = (y + height < p->in_h ? y + height : p->in_h) - (y + above);
    split.columns = p->in_w < pitch - left ? p->in_w : pitch - left;
    if (split.rows < height || split.columns < pitch) {
        tk_mve_fill(planes, p->input_zero_point, plane_bytes * channels);
    }
    if (split.rows > 0 && split.columns > 0) {
        split.planes = planes + above * pitch + left;
        split.in = in + (y + above) * p->in_w * p->channels;
        split.step = p->channels;
        split.plane_bytes = plane_bytes;
        split.planes_gap = pitch - split.columns;
        split.in_gap = (p->in_w - split.columns) * p->channels;
        split.channels = channels;
        if (split.planes_gap == 0 && split.in_gap == 0) {
            split.columns *= split.rows;
            split.rows = 1;
        }
        tk_mve_taps_split(&split);
    }
}

void tk_depthwise_conv2d_mve_s8(const tk_depthwise_conv2d_mve_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const int32_t pitch = (p->out_w - 1) * p->stride_w + (p->k_w - 1) * p->dilation_w + 1;
    const int32_t height = (p->rows - 1) * p->stride_h + (p->k_h - 1) * p->dilation_h + 1;
    int8_t *const planes = scratch;
    tk_mve_taps taps;

    taps.planes = planes;
    taps.plane_bytes = (height * pitch + 3) & ~3;
    tk_mve_tiles *const tiles = (tk_mve_tiles *)(void *)(planes + TK_MVE_PLANES * taps.plane_bytes);
    taps.tiles = tiles;
    taps.pairs = list_tiles(p, pitch, tiles);
    taps.weights_step = p->k_h * p->k_w + 1;
    taps.lanes = p->lanes;
    taps.loads = p->loads;
    taps.saturated = p->saturated;
    taps.zero_point = p->zero_point;
    taps.low = p->clamp_min;
    taps.high = p->clamp_max;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        int32_t out_y = 0;
        do {
            const int32_t y = out_y * p->stride_h - p->pad_top;

            taps.weights = p->weights;
            taps.bias = p->bias;
            taps.multiplier = p->multiplier;
            taps.shift = p->shift;
            taps.out = out + out_y * p->out_w * p->channels;
            for (int32_t rest = p->channels; rest > 0; rest -= TK_MVE_PLANES) {
                taps.channels = rest < TK_MVE_PLANES ? rest : TK_MVE_PLANES;
                split_rows(p, in + (p->channels - rest), y, height, pitch, taps.channels, taps.plane_bytes, planes);
                tk_mve_taps_run(&taps);
                taps.weights += TK_MVE_PLANES * taps.weights_step;
                taps.bias += TK_MVE_PLANES;
                taps.multiplier += TK_MVE_PLANES;
                taps.shift += TK_MVE_PLANES;
                taps.out += TK_MVE_PLANES;
            }
            out_y = next_along(out_y, p->rows, p->out_h);
        } while (out_y < p->out_h);
        in += p->in_h * p->in_w * p->channels;
        out += p->out_h * p->out_w * p->channels;
    }
}
