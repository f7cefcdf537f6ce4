/* All channels of a pixel, see tk_depthwise_dsp_s8.c. */
#include "tk_dsp_output.h"

    .syntax unified
    .thumb

/* Stack frame: a copy of the job. */
    .equ TAPS, 0
    .equ TAPS_END, 4
    .equ OUT, 8
    .equ LAST, 12
    .equ ROUNDING, 16
    .equ ENTRY, 20
    .equ FRAME, 24

/* Two taps of four channels. */
.macro TWO_TAPS
    ldrd    r8, r9, [r0], #8
    ldr     r8, [r8, r2]
    ldr     r9, [r9, r2]
    sxtb16  r10, r8
    sxtb16  r8, r8, ror #8
    sxtb16  r11, r9
    sxtb16  r9, r9, ror #8
    pkhbt   r12, r10, r11, lsl #16
    pkhtb   r10, r11, r10, asr #16
    pkhbt   r11, r8, r9, lsl #16
    pkhtb   r8, r9, r8, asr #16
    ldrd    r3, r9, [r1], #8
    sxtb16  lr, r3
    sxtb16  r3, r3, ror #8
    smlad   r4, r12, lr, r4
    smlad   r5, r11, r3, r5
    sxtb16  lr, r9
    sxtb16  r9, r9, ror #8
    smlad   r6, r10, lr, r6
    smlad   r7, r8, r9, r7
.endm

/* void tk_dsp_depthwise_pixel(const pixel_job *job)
 *
 * r0 list of taps, r1 stream, r2 channel, r4 to r7 sums. */
    .section .text.tk_dsp_depthwise_pixel, "ax", %progbits
    .global tk_dsp_depthwise_pixel
    .type   tk_dsp_depthwise_pixel, %function
tk_dsp_depthwise_pixel:
    push    {r4-r11, lr}
    sub     sp, sp, #FRAME
    mov     r12, sp
    ldm     r0, {r1-r7}
    stm     r12, {r1-r6}
    mov     r1, r7
    movs    r2, #0
four_channels:
    movs    r4, #0
    movs    r5, #0
    movs    r6, #0
    movs    r7, #0
    ldr     r0, [sp, #TAPS]
    ldr     pc, [sp, #ENTRY]
pairs:
    .rept   4
    TWO_TAPS
    .endr
    .global tk_dsp_depthwise_loop_end
    .type   tk_dsp_depthwise_loop_end, %function
tk_dsp_depthwise_loop_end:
    ldr     r3, [sp, #TAPS_END]
    cmp     r0, r3
    bne     pairs
    ldr     r0, [sp, #OUT]
    ldr     r11, [sp, #ROUNDING]
    add     r0, r0, r2
    .irp    sum, r4, r5, r6, r7
    TK_LOAD_CHANNEL r1, r9, r8, r10, r12, r11
    add     \sum, r9, \sum, lsl #1
    TK_OUTPUT \sum, r8, r10, r12, r9, 1
    strb    \sum, [r0], #1
    .endr
    ldr     r3, [sp, #LAST]
    cmp     r2, r3
    add     r2, r2, #4
    beq     1f
    cmp     r2, r3
    it      gt
    movgt   r2, r3
    b       four_channels
1:  add     sp, sp, #FRAME
    pop     {r4-r11, pc}
    .size   tk_dsp_depthwise_pixel, . - tk_dsp_depthwise_pixel
