/* All output channels of many pixels, four channels and two pixels at a time, for cores with Helium: the loops of
 * tk_conv2d_mve_s8, in assembly. */
#ifndef TK_MVE_BLOCK_H
#define TK_MVE_BLOCK_H

#include <stdint.h>

/* Bytes that are read and multiplied at once, and the most of them in a pass. */
#define TK_MVE_CHUNK 16
#define TK_MVE_CHUNKS 12

/* How sums become outputs. */
enum {
    TK_MVE_SATURATED = 0, /* the zero point is -128, nothing is clamped, no shift is to the left */
    TK_MVE_LINEAR = 1,    /* nothing is clamped, all shifts are to the right */
    TK_MVE_ANY = 2
};

/* The assembly reads these fields by their offsets. */
typedef struct {
    const int8_t *a, *b;   /* the first pixels of two series, as many in each */
    const int8_t *a_end;   /* `a` after the last tile, that is plus tiles * (what a tile reads + advance) */
    const int8_t *weights; /* for every 4 channels [passes][chunks][4][16], then the tail's [4][16] */
    const int32_t *bias;   /* of each a multiple of 4; shifts as tk_requantize has them */
    const int32_t *multiplier;
    const int8_t *shift;
    int8_t *out;
    int32_t advance; /* bytes from the end of a tile's last pass (before its tail) to the next pixel */
    int32_t gap;     /* bytes from the end of a pass to the next pass */
    int32_t passes;  /* 1 or more; 1 with a tail */
    int32_t chunks;  /* of a pass, 0 to TK_MVE_CHUNKS */
    int32_t tail;    /* bytes of a pixel after its chunks, below TK_MVE_CHUNK */
    int32_t finish;  /* how sums become outputs */
    int32_t step;    /* bytes from a pixel's output to the next one's */
    int32_t zero_point, low, high;
    int32_t channels;
    /* From `out`, where four channels are written: A's first, B's first, A's second, ...; and of the last four where
     * there are not as many left, repeating the last channel. */
    uint16_t offsets[8], last_offsets[8];
} tk_mve_block;

void tk_mve_block_run(const tk_mve_block *block);

#endif
