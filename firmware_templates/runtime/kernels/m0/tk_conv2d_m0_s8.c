/* CONV_2D, int8 with per-channel scales, for cores without long multiplication.
 *
 * The patches of a tile of pixels are packed side by side in scratch memory, and tk_m0_tile does the rest. With a
 * multiple of 4 channels they are packed from where they are, else by way of a copy. */
#include "tk_conv2d_m0_s8.h"

#include <string.h>

/* Where a pixel's patch begins. */
typedef struct {
    int32_t out_x;
    int32_t y, x;
} place;

static place next_place(const tk_conv2d_m0_s8_params *p, place at)
{
    at.out_x++;
    at.x += p->stride_w;
    if (at.out_x == p->out_w) {
        at.out_x = 0;
        at.x = -(int32_t)p->pad_left;
        at.y += p->stride_h;
    }
    return at;
}

static int row_is_inside(const tk_conv2d_m0_s8_params *p, place at)
{
    return at.x >= 0 && at.x + (p->k_w - 1) * p->dilation_w < p->in_w;
}

/* Where an input pixel is, or the border. */
static const int8_t *pixel_at(const tk_conv2d_m0_s8_params *p, const int8_t *in, const int8_t *border, int32_t y,
                              int32_t x)
{
    if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w) {
        return border;
    }
    return in + (y * p->in_w + x) * p->in_c;
}

static uint32_t *pack_in_place(const tk_conv2d_m0_s8_params *p, const int8_t *in, const int8_t *border, place a,
                               place b, uint32_t *to)
{
    const uint32_t words = p->in_c / 4u;
    const int whole_rows = p->dilation_w == 1 && row_is_inside(p, a) && row_is_inside(p, b);

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        const int32_t ya = a.y + ky * p->dilation_h;
        const int32_t yb = b.y + ky * p->dilation_h;

        if (whole_rows && ya >= 0 && yb < p->in_h) {
            to = tk_m0_pack_pairs(to, in + (ya * p->in_w + a.x) * p->in_c, in + (yb * p->in_w + b.x) * p->in_c,
                                  p->k_w * words);
            continue;
        }
        for (int32_t kx = 0; kx < p->k_w; kx++) {
            const int8_t *const from_a = pixel_at(p, in, border, ya, a.x + kx * p->dilation_w);
            const int8_t *const from_b = pixel_at(p, in, border, yb, b.x + kx * p->dilation_w);
            to = tk_m0_pack_pairs(to, from_a, from_b, words);
        }
    }
    return to;
}

static void copy_patch(const tk_conv2d_m0_s8_params *p, const int8_t *in, place at, int8_t *patch)
{
    const int whole_rows = p->dilation_w == 1 && row_is_inside(p, at);
    const int8_t zero = p->input_zero_point;

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        const int32_t y = at.y + ky * p->dilation_h;

        if (whole_rows && y >= 0 && y < p->in_h) {
            const int8_t *from = in + (y * p->in_w + at.x) * p->in_c;
            int32_t n = p->k_w * p->in_c;
            do {
                *patch++ = *from++;
            } while (--n > 0);
            continue;
        }
        for (int32_t kx = 0; kx < p->k_w; kx++) {
            const int8_t *from = pixel_at(p, in, NULL, y, at.x + kx * p->dilation_w);
            for (int32_t n = p->in_c; n > 0; n--) {
                *patch++ = from == NULL ? zero : *from++;
            }
        }
    }
}

void tk_conv2d_m0_s8(const tk_conv2d_m0_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const uint32_t blocks = p->blocks;
    const int32_t pixels = p->out_h * p->out_w;
    const int by_words = p->in_c % 4 == 0;
    uint32_t *const inputs = scratch;
    uint32_t *const unpacked = inputs + 2u * blocks * p->pixels;
    int8_t *const spare = (int8_t *)(unpacked + 2u * blocks);
    tk_m0_tile_params tile = {
        .inputs = inputs,
        .unpacked = unpacked,
        .weights = p->weights,
        .steps = p->steps,
        .steps_end = p->steps + p->out_c * (p->split ? 6u : 4u),
        .out_end = out,
        .channels = p->out_c,
        .blocks = blocks,
        .split = p->split,
        .clamp_min = p->clamp_min,
        .clamp_max = p->clamp_max,
    };

    if (by_words) {
        memset(spare, p->input_zero_point, p->in_c);
    }
    for (int32_t batch = 0; batch < p->batches; batch++) {
        place at = {0, -(int32_t)p->pad_top, -(int32_t)p->pad_left};

        for (int32_t pixel = 0; pixel < pixels;) {
            const int32_t end = pixel + p->pixels < pixels ? pixel + p->pixels : pixels;
            uint32_t *to = inputs;

            tile.out = tile.out_end;
            tile.out_end += (end - pixel) * p->out_c;
            for (; pixel < end; pixel += 2) {
                /* The last of an odd number of pixels is packed with itself as its neighbour, which is not computed. */
                const place a = at;
                const place b = pixel + 1 == end ? a : next_place(p, a);

                if (by_words) {
                    to = pack_in_place(p, in, spare, a, b, to);
                } else {
                    copy_patch(p, in, a, spare);
                    copy_patch(p, in, b, spare + 4u * blocks);
                    to = tk_m0_pack_pairs(to, spare, spare + 4u * blocks, blocks);
                }
                at = next_place(p, b);
            }
            tk_m0_tile(&tile);
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
