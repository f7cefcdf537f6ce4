/* CONV_2D of window 1x1 and stride 1, int8, for Arm cores with the DSP extension: four pixels at a time are expanded
 * into scratch memory and go through tk_dsp_tile. All of a pixel is read before anything at its place is written. */
#include "tk_pointwise_dsp_s8.h"

void tk_pointwise_dsp_s8_run(const tk_pointwise_dsp_s8_params *p, const int8_t *in, int8_t *out, void *scratch,
                             tk_dsp_place finish)
{
    const int32_t in_c = p->in_c;
    int32_t offset[3] = {in_c, 2 * in_c, 3 * in_c};
    uint32_t left = p->pixels;
    tk_dsp_job job;

    tk_dsp_prepare_flat(&job, &p->channels, finish, scratch, in_c / 2);
    do {
        const uint32_t count = left < 4 ? left : 4;

        for (uint32_t i = count; i < 4; i++) {
            offset[i - 1] = 0; /* no such pixel: pixel 0 again */
        }
        tk_dsp_expand_4(in, offset, scratch, in + in_c);
        out = tk_dsp_write_pixels(&job, &p->channels, (int32_t)count, out);
        in += count * p->in_c;
        left -= count;
    } while (left != 0);
}
