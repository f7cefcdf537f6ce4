/* Four pixels times any number of output channels: what convolutions on Arm cores with the DSP extension share.
 *
 * Inputs are sign-extended to pairs of 16 bits in scratch memory. Weights of two channels share their bits:
 * w0 + 256 * w1 in 16. SMLAD of these gives S0 + 256 * S1 modulo 2^32; SXTB16 gets w0 back, SMLAD of that gives S0.
 * So a word of weights is loaded once, extended once, and feeds 16 multiply-accumulates. S1 must fit into 24 bits.
 */
#ifndef TK_DSP_TILE_H
#define TK_DSP_TILE_H

/* The loop over pairs of inputs that lie one behind the other: pairs in a turn, and bytes of code of each. */
#define TK_DSP_FLAT_UNROLLED 16
#define TK_DSP_FLAT_BYTES 48

/* The same of one pixel, in steps of two pairs. */
#define TK_DSP_SINGLE_UNROLLED 4
#define TK_DSP_SINGLE_BYTES 36

#ifdef __ASSEMBLER__

/* Offsets in the stack frame that inner loops need. */
    .equ TK_DSP_ACT_END, 60
    .equ TK_DSP_FINISH, 64

/* A pair of weights of two channels. r1 stream, r12 weights of both, lr of the first. */
.macro TK_DSP_WEIGHTS
    ldr     r12, [r1], #4
    sxtb16  lr, r12
.endm

/* These with a pair of inputs of pixels 0 and 1, or 2 and 3, in r2 and r3. Sums are in r4 to r11: even registers channel
 * 0, odd ones both, of pixels 0 to 3. */
.macro TK_DSP_PIXELS_01
    smlad   r5, r12, r2, r5
    smlad   r7, r12, r3, r7
    smlad   r4, lr, r2, r4
    smlad   r6, lr, r3, r6
.endm
.macro TK_DSP_PIXELS_23
    smlad   r9, r12, r2, r9
    smlad   r11, r12, r3, r11
    smlad   r8, lr, r2, r8
    smlad   r10, lr, r3, r10
.endm

/* Four inputs of each pixel as pairs. r0 moves on in pixel 0, r1, r2, r3 are the offsets of the others, r12 moves on in
 * what is written. */
.macro TK_DSP_EXPAND_4
    ldr     r5, [r0, r1]
    ldr     r6, [r0, r2]
    ldr     r7, [r0, r3]
    ldr     r4, [r0], #4
    sxtb16  r8, r4, ror #8
    sxtb16  r9, r5, ror #8
    sxtb16  r10, r6, ror #8
    sxtb16  r11, r7, ror #8
    sxtb16  r4, r4
    sxtb16  r5, r5
    sxtb16  r6, r6
    sxtb16  r7, r7
    stm     r12!, {r4-r11}
.endm

#else

#include "tk_common.h"

/* What two channels share: weights, then constants (tk_dsp_output.h), in the order in which they are needed. Of an odd
 * number of channels the second is in the first and in the second pair. */
typedef struct {
    const uint32_t *stream;
    uint16_t pair_words; /* in the stream, for two channels */
    uint16_t channels;   /* at least 2 */
    uint8_t finish;      /* 0: a RELU's output, 1: all of int8, 2: any shift and clamp */
    int16_t zero_point;
    int16_t clamp_min, clamp_max;
} tk_dsp_channels;

/* What the assembly needs, in the order in which it copies it. */
typedef struct {
    int8_t *out;
    int32_t offset[3];     /* of the outputs of pixels 1 to 3; 0 for none: pixel 0 is written last */
    const uint32_t *end;   /* of the stream */
    const uint32_t *act;   /* pairs of inputs of the four pixels */
    int32_t zeros[8];
    uintptr_t entry;       /* where in a loop to begin */
    const uint32_t *act_end;
    uintptr_t finish;
    int32_t rounding;      /* 2 * zero_point + 1 */
    int32_t clamp_min, clamp_max;
    const uint32_t *stream;
    /* Not for the assembly: the number of pixels that the job is set up for, and entries for several and for one. */
    int32_t count;
    uintptr_t several, single;
} tk_dsp_job;

void tk_dsp_tile(const tk_dsp_job *job);

/* Places in the assembly that are jumped to, not called. */
typedef void (*tk_dsp_place)(void);
void tk_dsp_finish_relu(void);
void tk_dsp_finish_signed(void);
void tk_dsp_finish_any(void);

/* How outputs are made of sums. Parameters are constants where a kernel is called, so that a firmware has only those
 * ways in it that it needs. */
TK_INLINE tk_dsp_place tk_dsp_finish(const tk_dsp_channels *channels)
{
    return channels->finish == 0 ? tk_dsp_finish_relu : channels->finish == 1 ? tk_dsp_finish_signed : tk_dsp_finish_any;
}

/* Everything but where to write, and where in inner loops to begin (`several`, `single`). `act_words`: inputs of the
 * four pixels, as pairs. */
void tk_dsp_prepare(tk_dsp_job *job, const tk_dsp_channels *channels, tk_dsp_place finish, const uint32_t *act,
                    int32_t act_words);

/* Everything but where to write, where pairs of inputs, of which there is an even number, lie one behind the other. */
void tk_dsp_prepare_flat(tk_dsp_job *job, const tk_dsp_channels *channels, tk_dsp_place finish, const uint32_t *act,
                         int32_t pairs);

/* Where to enter a loop of `unrolled` (a power of two) copies of `step_bytes` of code so that `steps` are done. */
TK_INLINE uintptr_t tk_dsp_entry(tk_dsp_place loop_end, int32_t steps, int32_t unrolled, int32_t step_bytes)
{
    return (uintptr_t)loop_end - (uintptr_t)((steps & (unrolled - 1)) * step_bytes);
}

/* All channels of the first `count` of the four pixels, written one behind the other. Returns the end of these. */
int8_t *tk_dsp_write_pixels(tk_dsp_job *job, const tk_dsp_channels *channels, int32_t count, int8_t *out);

/* Inputs of four pixels, at `in` and `in + offset[0..2]`, as pairs: of each four bytes (0, 2) then (1, 3), the words of
 * the four pixels next to each other. */
void tk_dsp_expand_4(const int8_t *in, const int32_t *offset, uint32_t *act, const int8_t *end);

#endif

#endif
