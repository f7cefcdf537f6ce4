/* Inputs of one of four pixels as pairs of 16 bits, where tk_dsp_tile wants them: assembly for the DSP extension. */
#ifndef TK_DSP_EXPAND_1_H
#define TK_DSP_EXPAND_1_H

#include <stdint.h>

/* 4 * words bytes at `in` (any address) become 2 * words words, 16 bytes apart from `act` on. Returns what follows. */
uint32_t *tk_dsp_expand_1(const int8_t *in, int32_t words, uint32_t *act);

/* The same of a constant, which is given as a pair. */
uint32_t *tk_dsp_fill_1(uint32_t pair, int32_t words, uint32_t *act);

#endif
