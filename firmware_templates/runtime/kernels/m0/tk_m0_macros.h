/* Macros that the assembly of kernels for cores without long multiplication shares; for .S files only.
 *
 * Products. Two inputs and two weights are each packed into one word, as a + 65536 * b with a and b signed. With the
 * order of one of them reversed, (x0 + 65536 * x1) * (w1 + 65536 * w0), modulo 2^32, is
 *
 *     65536 * (x0 * w0 + x1 * w1) + x0 * w1
 *
 * Weights are -127..127 and inputs -128..127. So the sum in the upper half is at most 2 * 127 * 128 < 2^15 and
 * fits. The lower half's product may be negative and then has borrowed one from the upper half, which shows in bit 15:
 * an arithmetic shift by 16 leaves that bit in the carry, and ADCS gives the one back. Exact for all values.
 */
#ifndef TK_M0_MACROS_H
#define TK_M0_MACROS_H

#include "tk_m0_output.h"

/* The beginning of the stack frame of who uses output_of_sum and load_steps. */
#define FRAME_STEPS 0 /* limit, low, high, offset */
#define FRAME_BIAS 16
#define FRAME_BELOW 20
#define FRAME_MIN 24
#define FRAME_MAX 28
#define FRAME_BYTES 32

/* Two inputs of two pixels, in r6 and r7, with two weights; sums r2 and r3. */
.macro products_of_2 weights
    muls    r6, \weights, r6
    asrs    r6, r6, #16
    adcs    r2, r2, r6
    muls    r7, \weights, r7
    asrs    r7, r7, #16
    adcs    r3, r3, r7
.endm

/* Four inputs of two pixels: r0 inputs (advances), r1 weights (advances), sums r2 and r3; r4-r7 are lost. */
.macro products_of_4
    ldmia   r1!, {r4, r5}
    ldmia   r0!, {r6, r7}
    products_of_2 r4
    ldmia   r0!, {r6, r7}
    products_of_2 r5
.endm
#define PRODUCTS_OF_4_BYTES 30

/* One word of 4 weights to 2 words for products_of_4: r1 from, r0 to (both advance), r7 0x00ff00ff, r6 0x00800080;
 * r2 and r3 are lost. */
.macro unpack_4
    ldmia   r1!, {r2}
    lsrs    r3, r2, #8
    ands    r2, r2, r7
    ands    r3, r3, r7
    subs    r2, r2, r6
    subs    r3, r3, r6
    stmia   r0!, {r2, r3}
.endm
#define UNPACK_4_BYTES 14

/* From a sum to an output. The sum is counted from where outputs leave the lower bound, so what is not below `limit`,
 * as an unsigned number, is clamped: to the lower bound if negative, else to the upper one. In between, and that the
 * compiler has proven at every step of the function,
 *
 *     output = low byte of ((sum * high + ((sum * low) >> 12) + offset) >> 24)
 *
 * `offset` is another one below `split`, where TFLite-Micro's rounding of ties changes sides.
 *
 * A channel for which there is no such function has a limit and a split that no sum reaches, a negative `high` with what
 * tk_m0_output takes as shift and zero point, the multiplier for an offset, and for the other one what its sums are counted
 * from.
 *
 * In: the sum in \sum, r4 limit, r5 low, r6 high, r7 offset, lr split. Out: the output's byte in \sum; r1 is lost.
 * The slow part is output_of_sum_aside, anywhere near, with the same \name. */
.macro output_of_sum sum, name
    cmp     \sum, r4
    bhs     .Lclamped_\name
    cmp     \sum, lr
    blo     .Lbelow_\name
    movs    r1, \sum
    muls    r1, r5, r1
    lsrs    r1, r1, #12
    muls    \sum, r6, \sum
    adds    \sum, \sum, r1
    adds    \sum, \sum, r7
    lsrs    \sum, \sum, #24
.Ldone_\name:
.endm
.macro output_of_sum_aside sum, name
.Lclamped_\name:
    cmp     \sum, #0
    ldr     \sum, [sp, #FRAME_MIN]
    blt     .Ldone_\name
    ldr     \sum, [sp, #FRAME_MAX]
    b       .Ldone_\name
.Lbelow_\name:
    cmp     r6, #0
    bmi     .Lexact_\name
    movs    r1, \sum
    muls    r1, r5, r1
    lsrs    r1, r1, #12
    muls    \sum, r6, \sum
    adds    \sum, \sum, r1
    ldr     r1, [sp, #FRAME_BELOW]
    adds    \sum, \sum, r1
    lsrs    \sum, \sum, #24
    b       .Ldone_\name
.Lexact_\name:
    mov     r1, lr
    push    {r0, r1, r2, r3}
    mov     r1, r12
    push    {r1}
    ldr     r1, [sp, #20 + FRAME_BELOW]
    adds    r0, r1, \sum
    movs    r1, r7
    movs    r2, r6
    add     r3, sp, #20 + FRAME_MIN
    bl      tk_m0_output
    pop     {r1}
    mov     r12, r1
    .ifc    \sum, r2
    str     r0, [sp, #8]
    .else
    str     r0, [sp, #12]
    .endif
    pop     {r0, r1, r2, r3}
    mov     lr, r1
    b       .Ldone_\name
.endm

/* The steps of a channel in flash: bias, limit << 12 | low, high, offset; when split also split and offset below it.
 * r1 steps (advances), r0 whether split. Puts them where output_of_sum and the frame have them; r2-r7 are lost. */
.macro load_steps name
    ldmia   r1!, {r2, r5, r6, r7}
    asrs    r4, r5, #12
    lsls    r5, r5, #20
    lsrs    r5, r5, #20
    mov     r3, sp
    stmia   r3!, {r4, r5, r6, r7}
    str     r2, [sp, #FRAME_BIAS]
    cmp     r0, #0
    beq     .Lone_piece_\name
    ldmia   r1!, {r0, r2}
    str     r2, [sp, #FRAME_BELOW]
.Lone_piece_\name:
    mov     lr, r0
.endm

#endif
