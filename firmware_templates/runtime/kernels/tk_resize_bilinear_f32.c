/* RESIZE_BILINEAR, float32: portable C. */
#include "tk_resize_bilinear_f32.h"

void tk_resize_bilinear_f32(const tk_resize_bilinear_f32_params *p, const float *in, float *out)
{
    const tk_resize *const s = &p->size;
    const int32_t channels = s->channels;
    const int32_t row = s->in_w * channels;

    for (int32_t batch = 0; batch < s->batches; batch++) {
        for (int32_t y = 0; y < s->out_h; y++) {
            const float *const above = in + s->rows[2 * y] * row;
            const float *const below = in + s->rows[2 * y + 1] * row;
            const float down = p->down[y];

            for (int32_t x = 0; x < s->out_w; x++) {
                const int32_t left = s->columns[2 * x] * channels;
                const int32_t right = s->columns[2 * x + 1] * channels;
                const float across = p->right[x];

                for (int32_t i = 0; i < channels; i++) {
                    *out++ = above[left + i] * (1 - down) * (1 - across) + below[left + i] * down * (1 - across) +
                             above[right + i] * (1 - down) * across + below[right + i] * down * across;
                }
            }
        }
        in += s->in_h * row;
    }
}
