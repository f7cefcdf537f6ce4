/* DEPTHWISE_CONV_2D with one filter per channel, int8, for cores with Helium. See tk_depthwise_conv2d_mve_s8.c. */
#ifndef TK_DEPTHWISE_CONV2D_MVE_S8_H
#define TK_DEPTHWISE_CONV2D_MVE_S8_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t in_h, in_w;
    uint16_t out_h, out_w;
    uint16_t channels;
    uint16_t k_h, k_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    uint16_t rows;           /* of output, that are done at a time: less than 65536 bytes */
    uint16_t tile_h, tile_w; /* a tile is up to 2 x 2, 1 x 4 or 4 x 1 outputs */
    uint16_t loads;          /* of input for each tile: 1, or 2 for the halves of a tile */
    uint16_t saturated;      /* 1: the zero point is -128, nothing is clamped, no shift is to the left */
    int16_t input_zero_point; /* what the border is filled with */
    int16_t zero_point, clamp_min, clamp_max;
    const int8_t *weights;     /* for each channel a 0 and then its taps */
    const int32_t *bias;       /* with the input's zero point folded in: b - zero_point * sum(w) */
    const int32_t *multiplier; /* for tk_requantize, as the biases for each channel */
    const int8_t *shift;
    /* Rows of 16 bytes: distances of what is loaded from where a tile's windows begin in an image of one channel; for
     * each of the tile's 4 outputs (with 2 loads: for both outputs of a half) which weight belongs to each, 0 for none;
     * with 2 loads the second load's distances in the third of these 4 rows; then 8 distances in bytes (16 bits) from a
     * tile's first output to output 0, 0, 1, 1, 2, 2, 3, 3. */
    const uint8_t *lanes;
} tk_depthwise_conv2d_mve_s8_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels]. out may be the memory of in
 * where it is not larger and all rows are done at a time. scratch: 8 images of one channel of what `rows` rows of output read, each
 * ((rows - 1) * stride_h + (k_h - 1) * dilation_h + 1) * ((out_w - 1) * stride_w + (k_w - 1) * dilation_w + 1) bytes and
 * rounded up to a multiple of 4; then 12 bytes for every two tiles. */
void tk_depthwise_conv2d_mve_s8(const tk_depthwise_conv2d_mve_s8_params *p, const int8_t *in, int8_t *out, void *scratch);

#endif
