/* See tk_dsp_expand_1.h. */
    .syntax unified
    .thumb

/* uint32_t *tk_dsp_expand_1(const int8_t *in, int32_t words, uint32_t *act) */
    .section .text.tk_dsp_expand_1, "ax", %progbits
    .global tk_dsp_expand_1
    .type   tk_dsp_expand_1, %function
.macro ONE_WORD
    ldr     r3, [r0], #4
    sxtb16  r12, r3
    sxtb16  r3, r3, ror #8
    str     r12, [r2], #16
    str     r3, [r2], #16
.endm
tk_dsp_expand_1:
    lsrs    r1, r1, #1
    bcc     1f
    ONE_WORD
1:  cbz     r1, 3f
2:  ONE_WORD
    ONE_WORD
    subs    r1, r1, #1
    bne     2b
3:  mov     r0, r2
    bx      lr
    .size   tk_dsp_expand_1, . - tk_dsp_expand_1

/* uint32_t *tk_dsp_fill_1(uint32_t pair, int32_t words, uint32_t *act) */
    .section .text.tk_dsp_fill_1, "ax", %progbits
    .global tk_dsp_fill_1
    .type   tk_dsp_fill_1, %function
tk_dsp_fill_1:
    cbz     r1, 2f
1:  str     r0, [r2], #16
    str     r0, [r2], #16
    subs    r1, r1, #1
    bne     1b
2:  mov     r0, r2
    bx      lr
    .size   tk_dsp_fill_1, . - tk_dsp_fill_1
