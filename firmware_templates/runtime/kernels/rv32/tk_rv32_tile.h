/* Four pixels of a convolution, all their output channels, on RISC-V cores with multiplication. See tk_rv32_tile_asm.S. */
#ifndef TK_RV32_TILE_H
#define TK_RV32_TILE_H

#include <stdint.h>

/* tk_rv32_tile_asm.S reads this by offsets. */
typedef struct {
    const uint32_t *columns; /* [depth][2]: of each of four patches the same element, two to a word; see tk_rv32_pack */
    const int8_t *weights;   /* blocks of 4 channels, as [depth][4] */
    const int32_t *channels; /* [4 * blocks][TK_RV32_CHANNEL_WORDS] */
    int8_t *out;             /* of the first pixel */
    int32_t step[3];         /* from each pixel's outputs to the next one's */
    int32_t out_c;           /* at least 4; where 4 does not divide it, the last block is of the last 4 channels */
    int32_t column_bytes;    /* 8 * depth; depth is a multiple of 4 */
    int32_t low, high;       /* bounds of outputs */
    int32_t rounded;         /* see tk_rv32_output.h */
} tk_rv32_tile;

void tk_rv32_tile_4x4(const tk_rv32_tile *tile);

/* Packs `count` bytes of each of four patches: word 0 is a + 65536 * b, word 1 is c + 65536 * d. Returns the end. */
uint32_t *tk_rv32_pack(
    uint32_t *columns, const int8_t *a, const int8_t *b, const int8_t *c, const int8_t *d, int32_t count);

#endif
