/* CONV_2D, int8, for RISC-V cores with multiplication: the patches of four pixels are packed side by side into scratch
 * memory, in the order in which tk_rv32_tile_4x4 reads them, and that computes all their outputs. */
#include "tk_conv2d_rv32_s8.h"

#include "tk_common.h"

/* Where a patch begins in the input, which may be outside of it. */
typedef struct {
    int32_t y, x;
} place;

/* What the patches of a layer have in common. */
typedef struct {
    const tk_conv2d_rv32_s8_params *p;
    const int8_t *border; /* stands for elements outside of the input; in_c bytes */
    int32_t end_y, end_x; /* patches that begin from 0 to before these are inside of the input */
    int32_t down;         /* bytes from row to row of a patch */
    int contiguous;       /* whether rows of a patch are */
} patches;

/* The patches of four pixels, some of them partly outside of the input. */
static void pack_taps(const patches *s, const int8_t *in, const place *at, uint32_t *columns)
{
    const tk_conv2d_rv32_s8_params *p = s->p;
    const int32_t in_c = p->in_c;
    const int32_t in_h = p->in_h;
    const int32_t in_w = p->in_w;

    for (int32_t ky = 0; ky < p->k_h; ky++) {
        for (int32_t kx = 0; kx < p->k_w; kx++) {
            const int8_t *tap[4];

            for (int i = 0; i < 4; i++) {
                const int32_t y = at[i].y + ky * p->dilation_h;
                const int32_t x = at[i].x + kx * p->dilation_w;
                const int outside = y < 0 || y >= in_h || x < 0 || x >= in_w;
                tap[i] = outside ? s->border : in + (y * in_w + x) * in_c;
            }
            columns = tk_rv32_pack(columns, tap[0], tap[1], tap[2], tap[3], in_c);
        }
    }
}

/* The patches of four pixels, all of them inside of the input, which begin at `from`. */
static void pack_rows(const patches *s, const int8_t *const *from, uint32_t *columns)
{
    const int32_t row = s->p->k_w * s->p->in_c;
    const int32_t down = s->down;
    const int8_t *a = from[0];
    const int8_t *b = from[1];
    const int8_t *c = from[2];
    const int8_t *d = from[3];

    for (int32_t ky = s->p->k_h; ky > 0; ky--) {
        columns = tk_rv32_pack(columns, a, b, c, d, row);
        a += down;
        b += down;
        c += down;
        d += down;
    }
}

/* The place after the last one of a row is at the beginning of the next row. */
static place next_row(const tk_conv2d_rv32_s8_params *p, place at, int32_t *left_in_row)
{
    if (*left_in_row == 0) {
        *left_in_row = p->out_w;
        at.x = -(int32_t)p->pad_left;
        at.y += p->stride_h;
    }
    return at;
}

static int is_inside(const patches *s, int32_t y, int32_t x, int32_t last_x)
{
    return s->contiguous && y >= 0 && y < s->end_y && x >= 0 && last_x < s->end_x;
}

void tk_conv2d_rv32_s8(const tk_conv2d_rv32_s8_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const int32_t pixels = p->out_h * p->out_w;
    uint32_t *const columns = scratch;
    int8_t *const border = (int8_t *)(columns + 2 * p->depth);
    tk_rv32_tile tile = {
        columns, p->weights, p->channels, out, {0, 0, 0}, p->out_c, 8 * p->depth, p->clamp_min, p->clamp_max,
        p->rounded};

    const patches common = {
        p, border, p->in_h - (p->k_h - 1) * p->dilation_h, p->in_w - (p->k_w - 1) * p->dilation_w,
        p->dilation_h * p->in_w * p->in_c, p->dilation_w == 1 || p->k_w == 1};

    for (int32_t i = 0; i < p->in_c; i++) {
        border[i] = (int8_t)p->input_zero_point;
    }
    for (int32_t batch = 0; batch < p->batches; batch++) {
        place next = {-(int32_t)p->pad_top, -(int32_t)p->pad_left};
        int32_t left_in_row = p->out_w;

        for (int32_t left = pixels; left > 0; left -= 4) {
            const int32_t count = left < 4 ? left : 4;
            const int8_t *from[4];

            if (left_in_row >= 4 && is_inside(&common, next.y, next.x, next.x + 3 * p->stride_w)) {
                const int32_t step = p->stride_w * p->in_c;

                from[0] = in + (next.y * p->in_w + next.x) * p->in_c;
                from[1] = from[0] + step;
                from[2] = from[1] + step;
                from[3] = from[2] + step;
                pack_rows(&common, from, columns);
                tile.step[0] = tile.step[1] = tile.step[2] = p->out_c;
                next.x += 4 * p->stride_w;
                left_in_row -= 4;
                next = next_row(p, next, &left_in_row);
            } else {
                int inside = 1;
                place at[4];

                /* Beyond the last pixel: the last one again, written to its own place. */
                for (int i = 0; i < 4; i++) {
                    if (i < count) {
                        at[i] = next;
                        next.x += p->stride_w;
                        left_in_row--;
                        next = next_row(p, next, &left_in_row);
                    } else {
                        at[i] = at[i - 1];
                    }
                    if (i > 0) {
                        tile.step[i - 1] = i < count ? p->out_c : 0;
                    }
                    inside &= is_inside(&common, at[i].y, at[i].x, at[i].x);
                    from[i] = in + (at[i].y * p->in_w + at[i].x) * p->in_c;
                }
                if (inside) {
                    pack_rows(&common, from, columns);
                } else {
                    pack_taps(&common, in, at, columns);
                }
            }
            tile.out = out;
            tk_rv32_tile_4x4(&tile);
            out += count * p->out_c;
        }
        in += p->in_h * p->in_w * p->in_c;
    }
}
