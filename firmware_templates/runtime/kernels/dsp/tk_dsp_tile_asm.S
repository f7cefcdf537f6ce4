/* Four pixels times two channels at a time, see tk_dsp_tile.h. */
#include "tk_dsp_output.h"
#include "tk_dsp_tile.h"

    .syntax unified
    .thumb

/* Stack frame: a copy of the job, then room for sums. */
    .equ OUT, 0
    .equ ACT, 20
    .equ ROUNDING, 68
    .equ CLAMPS, 72
    .equ JOB_BYTES, 80
    .equ FRAME, 112

/* Sums of the next two channels: r0 inputs, r4 to r11 zeros; into the loop. */
.macro TWO_CHANNELS
    add     r2, sp, #ACT
    ldm     r2, {r0, r4-r11, pc}
.endm

/* void tk_dsp_tile(const tk_dsp_job *job)
 *
 * r0 inputs, r1 stream; r4 to r11 sums: even registers channel 0, odd ones both, of pixels 0 to 3. */
    .section .text.tk_dsp_tile, "ax", %progbits
    .global tk_dsp_tile
    .type   tk_dsp_tile, %function
tk_dsp_tile:
    push    {r4-r11, lr}
    sub     sp, sp, #FRAME
    mov     r12, sp
    ldm     r0!, {r1-r10}
    stm     r12!, {r1-r10}
    ldm     r0!, {r1-r10}
    stm     r12!, {r1-r10}
    ldr     r1, [r0]
    TWO_CHANNELS
    .size   tk_dsp_tile, . - tk_dsp_tile

/* The two outputs of each pixel, in even and odd registers, go to memory; then the next two channels, or the end. */
.macro WRITE_TWO
    ldm     sp, {r0, r2, r3, r12, lr}
    bfi     r4, r5, #8, #8
    bfi     r6, r7, #8, #8
    bfi     r8, r9, #8, #8
    bfi     r10, r11, #8, #8
    strh    r10, [r0, r12]
    strh    r8, [r0, r3]
    strh    r6, [r0, r2]
    strh    r4, [r0], #2
    str     r0, [sp, #OUT]
    cmp     r1, lr
    beq     1f
    TWO_CHANNELS
1:  add     sp, sp, #FRAME
    pop     {r4-r11, pc}
.endm

/* Four doubled sums become outputs, with constants from the stream. r0 bias, r2 multiplier, r3 rounding, r12 shift, lr
 * what ROUNDING says. \signed as in TK_OUTPUT. */
.macro FINISH_ONE s0, s1, s2, s3, shift_op, amount, signed
    TK_LOAD_CHANNEL r1, r0, r2, r3, r12, lr
    .irp    sum, \s0, \s1, \s2, \s3
    add     \sum, r0, \sum, \shift_op #\amount
    .endr
    .irp    sum, \s0, \s1, \s2, \s3
    TK_OUTPUT \sum, r2, r3, r12, r0, \signed
    .endr
.endm

/* Two sums per pixel, still packed, become outputs. */
.macro FINISH_TWO name, signed
    .section .text.\name, "ax", %progbits
    .global \name
    .type   \name, %function
\name:
    sub     r5, r5, r4
    sub     r7, r7, r6
    sub     r9, r9, r8
    sub     r11, r11, r10
    ldr     lr, [sp, #ROUNDING]
    FINISH_ONE r4, r6, r8, r10, lsl, 1, \signed
    FINISH_ONE r5, r7, r9, r11, asr, 7, \signed
    WRITE_TWO
    .size   \name, . - \name
.endm

    FINISH_TWO tk_dsp_finish_relu, 0
    FINISH_TWO tk_dsp_finish_signed, 1

.macro UNPACK low, both
    sub     \both, \both, \low
    asr     \both, \both, #8
.endm

/* Any shift, to the left, too, and any clamp: rare, so it is a loop. Shifts are as in tk_dsp_output.h; 64 and above
 * are 64 + a shift to the left. */
    .section .text.tk_dsp_finish_any, "ax", %progbits
    .global tk_dsp_finish_any
    .type   tk_dsp_finish_any, %function
tk_dsp_finish_any:
    UNPACK  r4, r5
    UNPACK  r6, r7
    UNPACK  r8, r9
    UNPACK  r10, r11
    add     r0, sp, #JOB_BYTES
    stm     r0, {r4-r11}
    mov     r11, #2
one_channel:
    ldrd    r2, r3, [r1], #8
    asr     r12, r3, #8
    uxtb    r3, r3
    movs    r9, #1
    subs    r8, r3, #64
    it      ge
    addge   r9, r9, r8
    mov     r10, #4
one_output:
    ldr     r4, [r0]
    add     r4, r4, r12
    lsl     r4, r4, r9
    smmulr  r4, r4, r2
    cmp     r3, #64
    ite     ge
    lslge   r4, r4, #1
    addlt   r4, r4, r4, asr #31
    it      lt
    asrlt   r4, r4, r3
    ldr     r5, [sp, #ROUNDING]
    add     r4, r4, r5
    asr     r4, r4, #1
    ldrd    r5, r6, [sp, #CLAMPS]
    cmp     r4, r5
    it      lt
    movlt   r4, r5
    cmp     r4, r6
    it      gt
    movgt   r4, r6
    str     r4, [r0], #8
    subs    r10, r10, #1
    bne     one_output
    sub     r0, r0, #28
    subs    r11, r11, #1
    bne     one_channel
    add     r0, sp, #JOB_BYTES
    ldm     r0, {r4-r11}
    WRITE_TWO
    .size   tk_dsp_finish_any, . - tk_dsp_finish_any

/* Any number of pairs, the same for the four pixels. */
    .section .text.tk_dsp_flat, "ax", %progbits
    .global tk_dsp_flat_end
    .type   tk_dsp_flat_end, %function
flat:
    .rept   TK_DSP_FLAT_UNROLLED
    TK_DSP_WEIGHTS
    ldrd    r2, r3, [r0, #8]
    TK_DSP_PIXELS_23
    ldrd    r2, r3, [r0], #16
    TK_DSP_PIXELS_01
    .endr
tk_dsp_flat_end:
    ldr     r2, [sp, #TK_DSP_ACT_END]
    cmp     r0, r2
    bne     flat
    ldr     pc, [sp, #TK_DSP_FINISH]
    .size   tk_dsp_flat_end, . - tk_dsp_flat_end

/* The same of pixel 0 alone. The sums of the others come out as they may; its own are written last. */
    .section .text.tk_dsp_single, "ax", %progbits
    .global tk_dsp_single_end
    .type   tk_dsp_single_end, %function
single:
    .rept   TK_DSP_SINGLE_UNROLLED
    ldrd    r12, lr, [r1], #8
    ldr     r2, [r0], #16
    ldr     r3, [r0], #16
    smlad   r5, r12, r2, r5
    smlad   r5, lr, r3, r5
    sxtb16  r12, r12
    sxtb16  lr, lr
    smlad   r4, r12, r2, r4
    smlad   r4, lr, r3, r4
    .endr
tk_dsp_single_end:
    ldr     r2, [sp, #TK_DSP_ACT_END]
    cmp     r0, r2
    bne     single
    ldr     pc, [sp, #TK_DSP_FINISH]
    .size   tk_dsp_single_end, . - tk_dsp_single_end

/* void tk_dsp_expand_4(const int8_t *in, const int32_t *offset, uint32_t *act, const int8_t *end)
 *
 * r0, r1, r2, r3 offsets of the pixels, r12 act, lr end */
    .section .text.tk_dsp_expand_4, "ax", %progbits
    .global tk_dsp_expand_4
    .type   tk_dsp_expand_4, %function
tk_dsp_expand_4:
    push    {r4-r11, lr}
    mov     r12, r2
    mov     lr, r3
    ldm     r1, {r1-r3}
four_inputs:
    TK_DSP_EXPAND_4
    cmp     r0, lr
    bne     four_inputs
    pop     {r4-r11, pc}
    .size   tk_dsp_expand_4, . - tk_dsp_expand_4
