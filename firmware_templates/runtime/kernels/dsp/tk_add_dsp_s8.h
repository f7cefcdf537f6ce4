/* ADD and SUB of equal shapes, int8, for Arm cores with the DSP extension:
 * (floor(a * scale_a / 2^8) + floor(b * scale_b / 2^8) + offset) >> 20, saturated. See tk_add_dsp_s8_asm.S. */
#ifndef TK_ADD_DSP_S8_H
#define TK_ADD_DSP_S8_H

#include <stdint.h>

typedef struct {
    uint32_t count; /* at least 1 */
    int32_t scale_a, scale_b, offset;
} tk_add_dsp_s8_params;

/* All [count]; out may be the memory of an operand. */
void tk_add_dsp_s8(const tk_add_dsp_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
