/* From sums in registers to int8 outputs, for assembly: Arm cores with the DSP extension.
 *
 * TFLite-Micro rounds twice: p = round(sum * multiplier / 2^31), ties up, then round(p / 2^shift), ties away from zero.
 * SMMLAR is the first rounding of a doubled sum, and adds what the second one needs: with
 * rounding = (2 * zero_point + 1) << (shift - 1), (p + rounding) >> shift is the output, ties up. Ties go away from
 * zero when one is taken from a negative p before; the sign of p is that of the sum (multipliers are 2^30 at least;
 * where the two differ, p is 0 and taking one does not change the result).
 *
 * Constants of a channel are two words: the multiplier, and (bias << 8) + shift - 1. The compiler has seen to it that
 * nothing here overflows (tinykit/compiler/kernels/dsp/output.py). */
#ifndef TK_DSP_OUTPUT_H
#define TK_DSP_OUTPUT_H

#ifdef __ASSEMBLER__

/* Constants at [\from], which moves on. \start is 2 * zero_point + 1; \shift may be given to asr as it is, which looks
 * at the low byte only. Leaves the doubled bias in \bias. */
.macro TK_LOAD_CHANNEL from, bias, multiplier, rounding, shift, start
    ldrd    \multiplier, \shift, [\from], #8
    asr     \bias, \shift, #7
    lsl     \rounding, \start, \shift
.endm

/* A doubled sum with its bias becomes an output. \signed: 0 where negative numbers saturate anyway (a RELU's output of
 * zero point -128), so that their ties do not matter. */
.macro TK_OUTPUT sum, multiplier, rounding, shift, temporary, signed
    .if \signed
    add     \temporary, \rounding, \sum, asr #31
    smmlar  \sum, \sum, \multiplier, \temporary
    .else
    smmlar  \sum, \sum, \multiplier, \rounding
    .endif
    asr     \sum, \sum, \shift
    ssat    \sum, #8, \sum, asr #1
.endm

#endif

#endif
