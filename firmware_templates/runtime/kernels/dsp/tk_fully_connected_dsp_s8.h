/* FULLY_CONNECTED, int8, for Arm cores with the DSP extension. See tk_fully_connected_dsp_s8.c. */
#ifndef TK_FULLY_CONNECTED_DSP_S8_H
#define TK_FULLY_CONNECTED_DSP_S8_H

#include "tk_common.h"

typedef struct {
    uint16_t batches;
    uint16_t depth;
    uint16_t units;
    uint8_t per_channel;
    uint8_t is_signed; /* 0 for a RELU's output of zero point -128 */
    int16_t zero_point;
    int32_t multiplier; /* of all units, unless per_channel */
    int32_t shift;      /* shift - 1 as in tk_dsp_output.h; of all units, unless per_channel */
    /* Blocks of 8 units. Four pairs share the bits of weights (tk_dsp_tile.h): first the biases (b0, b0 + 256 * b1) of
     * each pair, then words of weights of inputs (0, 2) for the four pairs, of (1, 3), of (4, 6) ...; then, if
     * per_channel, multiplier and shift of each unit. Then two words that are read, but not used. */
    const uint32_t *stream;
    const int8_t *rest_weights;   /* of units that are left, [units % 8][depth] */
    const int32_t *rest_constants; /* bias, multiplier, shift (for tk_requantize) of each of these */
} tk_fully_connected_dsp_s8_params;

/* Places in the assembly: one multiplier for all units, of a RELU or any output, or one for each. */
void tk_dsp_fully_connected_relu(void);
void tk_dsp_fully_connected_all(void);
void tk_dsp_fully_connected_each(void);

void tk_fully_connected_dsp_s8_run(const tk_fully_connected_dsp_s8_params *p, const int8_t *in, int8_t *out,
                                   void *scratch, void (*finish)(void));

/* in [batches][depth], out [batches][units]; scratch: depth rounded up to a multiple of 4 bytes, or null when it is
 * one. */
TK_INLINE void tk_fully_connected_dsp_s8(const tk_fully_connected_dsp_s8_params *p, const int8_t *in, int8_t *out,
                                         void *scratch)
{
    /* Parameters are constants where a kernel is called, so that a firmware has only what it needs. */
    tk_fully_connected_dsp_s8_run(p, in, out, scratch,
                                  p->per_channel ? tk_dsp_fully_connected_each
                                  : p->is_signed ? tk_dsp_fully_connected_all
                                                 : tk_dsp_fully_connected_relu);
}

#endif
