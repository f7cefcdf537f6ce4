/* Sums of products for cores with a 32-bit multiply and little else (Armv6-M, Armv8-M Baseline). See tk_m0_tile_asm.S. */
#ifndef TK_M0_TILE_H
#define TK_M0_TILE_H

#include <stdint.h>

/* A few output pixels, all their channels. */
typedef struct {
    const uint32_t *inputs;  /* what tk_m0_pack_pairs wrote, `blocks` * 4 words for each pair of pixels */
    uint32_t *unpacked;      /* scratch for the weights of one channel, `blocks` * 2 words */
    const uint32_t *weights; /* [channels][blocks]: 128 more than each weight, in the order 2, 3, 0, 1 from the low byte */
    const uint32_t *steps;   /* per channel 4 words, or 6 when `split`; see tk_m0_tile_asm.S */
    const uint32_t *steps_end;
    int8_t *out;     /* of the first pixel */
    int8_t *out_end; /* of the pixel behind the last */
    uint32_t channels;
    uint32_t blocks; /* of 4 inputs, at least 1 */
    uint32_t split;
    int32_t clamp_min, clamp_max;
} tk_m0_tile_params;

/* Packs `words` * 4 inputs of a pixel and of its neighbour, both at multiples of 4, and returns where it ended. */
uint32_t *tk_m0_pack_pairs(uint32_t *to, const int8_t *first, const int8_t *second, uint32_t words);

/* Copies rows of some bytes, at least one of each; how far rows are apart may be any number. */
void tk_m0_copy_rows(int8_t *to, const int8_t *from, int32_t bytes, int32_t rows, int32_t to_row, int32_t from_row);

void tk_m0_tile(const tk_m0_tile_params *p);

#endif
