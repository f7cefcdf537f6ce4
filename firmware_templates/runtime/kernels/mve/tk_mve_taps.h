/* A window of up to 16 taps over images of one channel each, for cores with Helium: the inner loop of
 * tk_depthwise_conv2d_mve_s8, in assembly. */
#ifndef TK_MVE_TAPS_H
#define TK_MVE_TAPS_H

#include <stdint.h>

/* Channels whose images lie beside one another. */
#define TK_MVE_PLANES 8

/* Two tiles of four outputs: where their windows begin in an image, and where their outputs go. */
typedef struct {
    uint32_t plane_a, plane_b;
    uint32_t out; /* of A in the low half, of B in the high half */
} tk_mve_tiles;

/* The assembly reads these fields by their offsets. */
typedef struct {
    const int8_t *planes; /* image of the first channel */
    int32_t plane_bytes;  /* from one channel's image to the next one's */
    const int8_t *weights; /* for each channel a 0 and then its taps */
    int32_t weights_step;
    const int32_t *bias;
    const int32_t *multiplier; /* shifts as tk_requantize has them */
    const int8_t *shift;
    int8_t *out;
    const tk_mve_tiles *tiles;
    int32_t pairs;    /* of tiles */
    int32_t channels; /* 1 or more */
    const uint8_t *lanes; /* see tk_depthwise_conv2d_mve_s8_params */
    int32_t loads;        /* 1: one load feeds all outputs of a tile, 2: two of them each */
    int32_t saturated;    /* the zero point is -128, nothing is clamped, no shift is to the left */
    int32_t zero_point, low, high;
} tk_mve_taps;

void tk_mve_taps_run(const tk_mve_taps *taps);

/* Part of an image that is taken apart into images of one channel each. The assembly reads these fields, too. */
typedef struct {
    int8_t *planes;
    const int8_t *in;
    int32_t rows, columns; /* 1 or more */
    int32_t step;          /* from a pixel of `in` to the next one */
    int32_t plane_bytes;   /* from one channel's image to the next one's */
    int32_t planes_gap;    /* from the end of a row to the next one */
    int32_t in_gap;
    int32_t channels; /* 1 to TK_MVE_PLANES */
} tk_mve_split;

void tk_mve_taps_split(const tk_mve_split *split);

#endif
