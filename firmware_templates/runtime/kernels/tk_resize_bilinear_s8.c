/* RESIZE_BILINEAR, int8: portable C. */
#include "tk_resize_bilinear_s8.h"

void tk_resize_bilinear_s8(const tk_resize_bilinear_s8_params *p, const int8_t *in, int8_t *out)
{
    const tk_resize *const s = &p->size;
    const int32_t channels = s->channels;
    const int32_t row = s->in_w * channels;

    for (int32_t batch = 0; batch < s->batches; batch++) {
        for (int32_t y = 0; y < s->out_h; y++) {
            const int8_t *const above = in + s->rows[2 * y] * row;
            const int8_t *const below = in + s->rows[2 * y + 1] * row;
            const int16_t down = p->down[y];

            for (int32_t x = 0; x < s->out_w; x++) {
                const int32_t left = s->columns[2 * x] * channels;
                const int32_t right = s->columns[2 * x + 1] * channels;
                const int16_t across = p->right[x];
                const int32_t above_left = (1024 - down) * (1024 - across), below_left = down * (1024 - across);
                const int32_t above_right = (1024 - down) * across, below_right = down * across;

                for (int32_t i = 0; i < channels; i++) {
                    const int32_t sum = above[left + i] * above_left + below[left + i] * below_left +
                                        above[right + i] * above_right + below[right + i] * below_right;
                    *out++ = (int8_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
                }
            }
        }
        in += s->in_h * row;
    }
}
