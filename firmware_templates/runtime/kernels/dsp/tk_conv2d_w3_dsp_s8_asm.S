/* Windows three columns wide, see tk_conv2d_w3_dsp_s8.c. */
#include "tk_dsp_tile.h"

    .syntax unified
    .thumb

/* The inner loop: pairs in the six columns of four pixels. */
    .section .text.tk_dsp_w3, "ax", %progbits
    .global tk_dsp_w3_end
    .type   tk_dsp_w3_end, %function
w3:
    .rept   8
    TK_DSP_WEIGHTS                      /* column 1 of the window */
    ldrd    r2, r3, [r0, #4]
    TK_DSP_PIXELS_01
    ldrd    r2, r3, [r0, #12]
    TK_DSP_PIXELS_23
    TK_DSP_WEIGHTS                      /* column 0 */
    ldrd    r2, r3, [r0], #24
    TK_DSP_PIXELS_01
    ldrd    r2, r3, [r0, #-16]
    TK_DSP_PIXELS_23
    TK_DSP_WEIGHTS                      /* column 2: its pixels 0 and 1 are column 0's 2 and 3 */
    TK_DSP_PIXELS_01
    ldrd    r2, r3, [r0, #-8]
    TK_DSP_PIXELS_23
    .endr
tk_dsp_w3_end:
    ldr     r2, [sp, #TK_DSP_ACT_END]
    cmp     r0, r2
    bne     w3
    ldr     pc, [sp, #TK_DSP_FINISH]
    .size   tk_dsp_w3_end, . - tk_dsp_w3_end

/* uint32_t *tk_dsp_expand_6(const int8_t *in, int32_t pitch, const int8_t *end, uint32_t *act)
 *
 * r0 columns 0 to 2, r3 columns 3 to 5, r12 act. */
    .section .text.tk_dsp_expand_6, "ax", %progbits
    .global tk_dsp_expand_6
    .type   tk_dsp_expand_6, %function
tk_dsp_expand_6:
    push    {r4-r11, lr}
    mov     r12, r3
    add     r3, r1, r1, lsl #1
    add     r3, r3, r0
1:  ldr     r5, [r0, r1]
    ldr     r6, [r0, r1, lsl #1]
    ldr     r8, [r3, r1]
    ldr     r9, [r3, r1, lsl #1]
    ldr     r4, [r0], #4
    ldr     r7, [r3], #4
    sxtb16  r10, r4
    sxtb16  r11, r5
    sxtb16  lr, r6
    stm     r12!, {r10, r11, lr}
    sxtb16  r10, r7
    sxtb16  r11, r8
    sxtb16  lr, r9
    stm     r12!, {r10, r11, lr}
    .irp    column, r4, r5, r6, r7, r8, r9
    sxtb16  \column, \column, ror #8
    .endr
    stm     r12!, {r4-r9}
    cmp     r0, r2
    bne     1b
    mov     r0, r12
    pop     {r4-r11, pc}
    .size   tk_dsp_expand_6, . - tk_dsp_expand_6
