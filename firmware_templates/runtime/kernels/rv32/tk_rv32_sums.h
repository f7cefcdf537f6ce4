/* Sixteen sums of products over the same inputs, on RISC-V cores with multiplication. See tk_rv32_sums_asm.S. */
#ifndef TK_RV32_SUMS_H
#define TK_RV32_SUMS_H

#include <stdint.h>

/* sums[i] += weights[n][i] * (in[n] - zero) for all n below depth, at least 1. */
void tk_rv32_sums_16(int32_t *sums, const int8_t *weights, const int8_t *in, int32_t depth, int32_t zero);

#endif
