/* MAX_POOL_2D, int8, for Arm cores with the DSP extension: four channels at a time. Padding takes no part. */
#include "tk_max_pool2d_dsp_s8.h"

#include "tk_dsp_pool.h"

/* Of each two bytes the larger one. */
TK_INLINE uint32_t max_4(uint32_t a, uint32_t b)
{
    __asm__("ssub8 r12, %0, %1\n\tsel %0, %0, %1" : "+r"(a) : "r"(b) : "r12", "cc");
    return a;
}

/* The smaller one. */
TK_INLINE uint32_t min_4(uint32_t a, uint32_t b)
{
    __asm__("ssub8 r12, %0, %1\n\tsel %0, %1, %0" : "+r"(a) : "r"(b) : "r12", "cc");
    return a;
}

/* Four channels, or one. */
TK_INLINE uint32_t largest(const tk_dsp_pool_part *part, uint32_t best, const int8_t *from, int whole)
{
    int32_t rows = part->rows;

    do {
        int32_t columns = part->columns;
        do {
            best = max_4(best, tk_dsp_pool_load(from, whole));
            from += part->channels;
        } while (--columns != 0);
        from += part->gap;
    } while (--rows != 0);
    return best;
}

static void one_pixel(const tk_dsp_pool_part *part, const void *params, const int8_t *corner, int8_t *out)
{
    const tk_max_pool2d_dsp_s8_params *const p = params;
    const uint32_t low = (uint8_t)p->clamp_min * 0x01010101u;
    const uint32_t high = (uint8_t)p->clamp_max * 0x01010101u;
    const int8_t *const end = out + part->channels;

    for (; end - out >= 4; out += 4) {
        const uint32_t four = min_4(largest(part, low, corner, 1), high);
        memcpy(out, &four, 4);
        corner += 4;
    }
    while (out != end) {
        *out++ = (int8_t)min_4(largest(part, low, corner++, 0), high);
    }
}

void tk_max_pool2d_dsp_s8(const tk_max_pool2d_dsp_s8_params *p, const int8_t *in, int8_t *out)
{
    tk_dsp_pool(&p->window, one_pixel, p, in, out);
}
