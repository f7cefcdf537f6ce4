/* From sums to int8 outputs on RISC-V, for assembly. tinykit/compiler/kernels/rv32/output.py says why this is exact. */
#ifndef TK_RV32_OUTPUT_H
#define TK_RV32_OUTPUT_H

/* Words of constants for each channel: where its sums begin, twice the multiplier, after * 32 + shift. */
#define TK_RV32_CHANNEL_WORDS 3

#ifdef __ASSEMBLER__
/* clang-format off */

/* sum -> output, the way called FLOORED. `shift` may have anything above its lowest 5 bits: sra does not look at it. */
.macro TK_FLOOR sum, multiplier, after, shift
    mulhsu  \sum, \sum, \multiplier
    add     \sum, \sum, \after
    sra     \sum, \sum, \shift
.endm

/* sum -> output, the way called ROUNDED. */
.macro TK_ROUND sum, multiplier, after, shift, free
    mul     \free, \sum, \multiplier
    mulhsu  \sum, \sum, \multiplier
    srli    \free, \free, 31
    add     \sum, \sum, \free
    srai    \free, \sum, 31
    add     \sum, \sum, \free
    add     \sum, \sum, \after
    sra     \sum, \sum, \shift
.endm

.macro TK_CLAMP_AND_STORE value, low, high, offset, to
    bge     \value, \low, 1f
    mv      \value, \low
1:  bge     \high, \value, 1f
    mv      \value, \high
1:  sb      \value, \offset(\to)
.endm

/* clang-format on */
#else

#include "tk_common.h"

/* The same for compilers: one sum -> output, clamped. */
TK_INLINE int8_t tk_rv32_output(
    int32_t sum, uint32_t multiplier, int32_t after_and_shift, int32_t rounded, int32_t low, int32_t high)
{
    const int64_t product = (int64_t)sum * multiplier;
    int32_t x = (int32_t)(product >> 32);

    if (rounded) {
        x += (int32_t)((uint32_t)product >> 31);
        x += x >> 31;
    }
    return (int8_t)tk_clamp((x + (after_and_shift >> 5)) >> (after_and_shift & 31), low, high);
}

#endif
#endif
