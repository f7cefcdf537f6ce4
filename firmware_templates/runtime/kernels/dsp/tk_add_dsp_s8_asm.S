/* See tk_add_dsp_s8.h. SMLAWB and SMLAWT multiply 32 bits by 16 and add the upper 32 bits of the product: an operand in
 * the upper byte of a half word is multiplied as it is there, so that four take two instructions to unpack. */
    .syntax unified
    .thumb

.macro SUM sum, half, a, b
    smlaw\half \sum, r4, \a, r6
    smlaw\half \sum, r5, \b, \sum
.endm

.macro WRITE sum
    ssat    \sum, #8, \sum, asr #20
    strb    \sum, [r3], #1
.endm

/* void tk_add_dsp_s8(const tk_add_dsp_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out)
 *
 * r0 count; r4, r5 scales, r6 offset, r7 mask. */
    .section .text.tk_add_dsp_s8, "ax", %progbits
    .global tk_add_dsp_s8
    .type   tk_add_dsp_s8, %function
tk_add_dsp_s8:
    push    {r4-r11, lr}
    ldm     r0, {r0, r4, r5, r6}
    mov     r7, #0xFF00FF00
    subs    r0, r0, #4
    blo     2f
1:  ldr     r9, [r1], #4
    ldr     r11, [r2], #4
    and     r8, r7, r9, lsl #8
    and     r10, r7, r11, lsl #8
    and     r9, r9, r7
    and     r11, r11, r7
    SUM     r12, b, r8, r10
    SUM     lr, b, r9, r11
    SUM     r8, t, r8, r10
    SUM     r9, t, r9, r11
    WRITE   r12
    WRITE   lr
    WRITE   r8
    WRITE   r9
    subs    r0, r0, #4
    bhs     1b
2:  adds    r0, r0, #4
    beq     4f
3:  ldrb    r8, [r1], #1
    ldrb    r10, [r2], #1
    lsl     r8, r8, #8
    lsl     r10, r10, #8
    SUM     r8, b, r8, r10
    WRITE   r8
    subs    r0, r0, #1
    bne     3b
4:  pop     {r4-r11, pc}
    .size   tk_add_dsp_s8, . - tk_add_dsp_s8
