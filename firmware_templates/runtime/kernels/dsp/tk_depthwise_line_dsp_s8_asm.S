/* Lines of four channels, see tk_depthwise_line_dsp_s8.c. */
#include "tk_dsp_output.h"

    .syntax unified
    .thumb

/* Stack frame: a copy of the job, then the loop. */
    .equ CHANNEL, 4 /* multiplier, shift, rounding */
    .equ PIXEL, 20
    .equ OUTPUTS, 24
    .equ ENTRY, 28  /* entry, second */
    .equ WEIGHTS_END, 36
    .equ START, 40
    .equ PLANE, 44  /* plane, out, stream, planes_end, plane_bytes */
    .equ LOOP, 64
    .equ FRAME, 68

/* const uint32_t *tk_dsp_line(const line_job *job, void (*loop)(void))
 *
 * In the loops: r0 inputs, r1 weights, r2 output, r3 outputs left, r4 entry, r5, r6 doubled sums of two outputs, r10
 * second, r11 end of weights, r12 doubled bias. */
    .section .text.tk_dsp_line, "ax", %progbits
    .global tk_dsp_line
    .type   tk_dsp_line, %function
tk_dsp_line:
    push    {r4-r11, lr}
    sub     sp, sp, #FRAME
    str     r1, [sp, #LOOP]
    mov     r1, sp
    ldm     r0!, {r2-r9}
    stm     r1!, {r2-r9}
    ldm     r0, {r2-r9}
    stm     r1, {r2-r9}
    .type   tk_dsp_line_next, %function
tk_dsp_line_next:
    add     r12, sp, #PLANE
    ldm     r12, {r0, r2, r7, r8, r9}
    cmp     r0, r8
    beq     2f
    ldr     r1, [sp]
    ldr     r11, [sp, #WEIGHTS_END]
1:  ldr     r5, [r7], #4
    sxtb16  r4, r5
    sxtb16  r5, r5, ror #8
    sadd16  r4, r4, r4
    sadd16  r5, r5, r5
    strd    r4, r5, [r1], #8
    cmp     r1, r11
    blo     1b
    ldrd    r5, r6, [r7], #8
    ldr     r8, [sp, #START]
    lsl     r8, r8, r6
    asr     r12, r6, #7
    strd    r5, r6, [sp, #CHANNEL]
    str     r8, [sp, #CHANNEL + 8]
    add     r8, r0, r9
    add     r9, r2, #1
    strd    r8, r9, [sp, #PLANE]
    str     r7, [sp, #PLANE + 8]
    ldr     r1, [sp]
    ldr     r3, [sp, #OUTPUTS]
    ldrd    r4, r10, [sp, #ENTRY]
    ldr     pc, [sp, #LOOP]
2:  mov     r0, r7
    add     sp, sp, #FRAME
    pop     {r4-r11, pc}
    .size   tk_dsp_line, . - tk_dsp_line

/* All outputs of a channel, two at a time. */
.macro LINE name, signed
    .section .text.\name, "ax", %progbits
    .global \name
    .type   \name, %function
    .global \name\()_end
    .type   \name\()_end, %function
\name:
    mov     r5, r12
    mov     r6, r12
    bx      r4
1:  .rept   4
    ldr     r7, [r1], #4
    ldr     r9, [r0, r10]
    ldr     r8, [r0], #4
    smlad   r5, r8, r7, r5
    smlad   r6, r9, r7, r6
    .endr
\name\()_end:
    cmp     r1, r11
    bne     1b
    ldm     sp, {r1, r7, r8, r9, lr}
    add     r0, r0, lr
    TK_OUTPUT r5, r7, r9, r8, lr, \signed
    TK_OUTPUT r6, r7, r9, r8, lr, \signed
    ldr     r7, [sp, #PIXEL]
    strb    r5, [r2]
    add     r2, r2, r7
    subs    r3, r3, #2
    it      pl
    strbpl  r6, [r2]
    add     r2, r2, r7
    bgt     \name
    b.w     tk_dsp_line_next
    .size   \name, . - \name
.endm

    LINE    tk_dsp_line_relu, 0
    LINE    tk_dsp_line_signed, 1

/* void tk_dsp_line_split(const int8_t *in, int32_t pixel, uint8_t *planes, int32_t plane_bytes, int32_t count)
 *
 * r0, r4 a position and the next, r5 three planes, r6 positions left. */
    .section .text.tk_dsp_line_split, "ax", %progbits
    .global tk_dsp_line_split
    .type   tk_dsp_line_split, %function
tk_dsp_line_split:
    push    {r4-r11, lr}
    ldr     r6, [sp, #36]
    add     r5, r3, r3, lsl #1
    lsrs    r6, r6, #1
    bcc     1f
    ldrsb   r7, [r0, #1]                /* an odd position alone */
    ldrsb   r8, [r0, #2]
    ldrsb   r9, [r0, #3]
    ldrsb   r10, [r0]
    add     r0, r0, r1
    strh    r7, [r2, r3]
    strh    r8, [r2, r3, lsl #1]
    strh    r9, [r2, r5]
    strh    r10, [r2], #2
1:  cbz     r6, 3f
2:  ldr     r7, [r0]
    ldr     r8, [r0, r1]
    add     r0, r0, r1, lsl #1
    sxtb16  r9, r7
    sxtb16  r7, r7, ror #8
    sxtb16  r10, r8
    sxtb16  r8, r8, ror #8
    pkhbt   r11, r9, r10, lsl #16
    pkhtb   r9, r10, r9, asr #16
    pkhbt   r12, r7, r8, lsl #16
    pkhtb   r7, r8, r7, asr #16
    str     r12, [r2, r3]
    str     r9, [r2, r3, lsl #1]
    str     r7, [r2, r5]
    str     r11, [r2], #4
    subs    r6, r6, #1
    bne     2b
3:  pop     {r4-r11, pc}
    .size   tk_dsp_line_split, . - tk_dsp_line_split
