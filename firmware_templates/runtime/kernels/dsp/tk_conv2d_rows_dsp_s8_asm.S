/* Windows of four pixels as pairs, see tk_conv2d_rows_dsp_s8.c. */
#include "tk_dsp_tile.h"

    .syntax unified
    .thumb

/* uint32_t *tk_dsp_expand_rows(const expand_job *job)
 *
 * r0 row of pixel 0, r1, r2, r3 offsets of pixels 1 to 3, r12 act, lr end of the row. On the stack: row, pitch, rows
 * left, row_bytes. */
    .section .text.tk_dsp_expand_rows, "ax", %progbits
    .global tk_dsp_expand_rows
    .type   tk_dsp_expand_rows, %function
tk_dsp_expand_rows:
    push    {r4-r11, lr}
    sub     sp, sp, #16
    ldm     r0, {r0-r8}
    mov     r0, r4
    mov     r12, r7
    strd    r4, r5, [sp]
    strd    r6, r8, [sp, #8]
    add     lr, r0, r8
1:  TK_DSP_EXPAND_4
    cmp     r0, lr
    bne     1b
    ldm     sp, {r0, r4, r5, r6}
    add     r0, r0, r4
    add     lr, r0, r6
    str     r0, [sp]
    subs    r5, r5, #1
    str     r5, [sp, #8]
    bne     1b
    mov     r0, r12
    add     sp, sp, #16
    pop     {r4-r11, pc}
    .size   tk_dsp_expand_rows, . - tk_dsp_expand_rows

/* void tk_dsp_copy(int8_t *to, const int8_t *from, int32_t count) */
    .section .text.tk_dsp_copy, "ax", %progbits
    .global tk_dsp_copy
    .type   tk_dsp_copy, %function
tk_dsp_copy:
    subs    r2, r2, #8
    blt     2f
1:  ldr     r3, [r1], #4
    ldr     r12, [r1], #4
    str     r3, [r0], #4
    str     r12, [r0], #4
    subs    r2, r2, #8
    bge     1b
2:  adds    r2, r2, #8
    beq     4f
3:  ldrb    r3, [r1], #1
    strb    r3, [r0], #1
    subs    r2, r2, #1
    bne     3b
4:  bx      lr
    .size   tk_dsp_copy, . - tk_dsp_copy
