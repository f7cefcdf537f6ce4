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

/* Where an input pixel is, or the border. */
static const int8_t *pixel_at(const tk_conv2d_m0_s8_params *p, const int8_t *in, const int8_t *border, int32_t y,
                              int32_t x)
{
    if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w) {
        return border;
    }
    return in + (y * p->in_w + x) * p->in_c;
}

/* Both patches side by side, from where they are in the input. */
static uint32_t *pack_in_place(const tk_conv2d_m0_s8_params *p, const int8_t *in, const int8_t *border, place a,
                               place b, uint32_t *to)
{
    const uint32_t words = p->in_c / 4u;
    const int32_t reach = p->k_w - 1;
    const int whole_rows =
        p->dilation_w == 1 && a.x >= 0 && a.x + reach < p->in_w && b.x >= 0 && b.x + reach < p->in_w;

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

/* What copy_patch needs to know of a layer. */
typedef struct {
    int32_t in_row, in_pixel, patch_row;  /* bytes from one to the next: in the input, in a patch */
    int32_t tap_row, tap_pixel;           /* and from one of a window to its next, in the input */
    int32_t last_y, last_x;               /* where the last windows begin that are inside of the input */
} distances;

/* How many of a window's positions on an axis are before the input, and how many inside. */
typedef struct {
    int32_t before, inside;
} span;

static span span_of(int32_t start, int32_t dilation, int32_t window, int32_t size)
{
    span found = {0, 0};
    int32_t at = start;

    for (int32_t n = window; n > 0 && at < size; n--, at += dilation) {
        if (at < 0) {
            found.before++;
        } else {
            found.inside++;
        }
    }
    return found;
}

static void copy_patch(const tk_conv2d_m0_s8_params *p, const distances *d, const int8_t *in, place at, int8_t *patch)
{
    span rows = {0, p->k_h};
    span columns = {0, p->k_w};

    if (at.y < 0 || at.x < 0 || at.y > d->last_y || at.x > d->last_x) {
        rows = span_of(at.y, p->dilation_h, p->k_h, p->in_h);
        columns = span_of(at.x, p->dilation_w, p->k_w, p->in_w);
        memset(patch, p->input_zero_point, 4u * p->blocks);
        if (rows.inside == 0 || columns.inside == 0) {
            return;
        }
        patch += rows.before * d->patch_row + columns.before * d->in_pixel;
    }
    in += at.y * d->in_row + at.x * d->in_pixel + rows.before * d->tap_row + columns.before * d->tap_pixel;
    if (p->dilation_w == 1) {
        tk_m0_copy_rows(patch, in, columns.inside * d->in_pixel, rows.inside, d->patch_row, d->tap_row);
        return;
    }
    for (int32_t n = columns.inside; n > 0; n--) {
        tk_m0_copy_rows(patch, in, d->in_pixel, rows.inside, d->patch_row, d->tap_row);
        in += d->tap_pixel;
        patch += d->in_pixel;
    }
}

void tk_conv2d_m0_s8(const tk_conv2d_m0_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const uint32_t blocks = p->blocks;
    const int32_t pixels = p->out_h * p->out_w;
    const int32_t in_c = p->in_c;
    const int by_words = in_c % 4 == 0;
    /* The patches are the input, one after the other. */
    const int dense = by_words && p->k_h * p->k_w == 1 && p->in_h == p->out_h && p->in_w == p->out_w &&
                      p->pad_top == 0 && p->pad_left == 0;
    const distances d = {
        .in_row = p->in_w * in_c,
        .in_pixel = in_c,
        .patch_row = p->k_w * in_c,
        .tap_row = p->dilation_h * p->in_w * in_c,
        .tap_pixel = p->dilation_w * in_c,
        .last_y = p->in_h - 1 - (p->k_h - 1) * p->dilation_h,
        .last_x = p->in_w - 1 - (p->k_w - 1) * p->dilation_w,
    };
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
        memset(spare, p->input_zero_point, (size_t)in_c);
    }
    for (int32_t batch = 0; batch < p->batches; batch++) {
        place at = {0, -(int32_t)p->pad_top, -(int32_t)p->pad_left};

        for (int32_t pixel = 0; pixel < pixels;) {
            const int32_t end = pixel + p->pixels < pixels ? pixel + p->pixels : pixels;
            uint32_t *to = inputs;

            tile.out = tile.out_end;
            tile.out_end += (end - pixel) * p->out_c;
            if (dense) {
                const int8_t *from = in + pixel * in_c;
                for (; pixel + 1 < end; pixel += 2) {
                    to = tk_m0_pack_pairs(to, from, from + in_c, blocks);
                    from += 2 * in_c;
                }
                if (pixel < end) {
                    tk_m0_pack_pairs(to, from, from, blocks);
                    pixel = end;
                }
            }
            for (; pixel < end; pixel += 2) {
                /* The last of an odd number of pixels is packed with itself as its neighbour, which is not computed. */
                const place a = at;
                const place b = pixel + 1 == end ? a : next_place(p, a);

                if (by_words) {
                    to = pack_in_place(p, in, spare, a, b, to);
                } else {
                    copy_patch(p, &d, in, a, spare);
                    copy_patch(p, &d, in, b, spare + 4u * blocks);
                    to = tk_m0_pack_pairs(to, spare, spare + 4u * blocks, blocks);
                }
                at = next_place(p, b);
            }
            tk_m0_tile(&tile);
        }
        in += p->in_h * d.in_row;
    }
}
