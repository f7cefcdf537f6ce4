/* One batch of a fully connected layer, see tk_fully_connected_m0_s8.c: 3.3 instructions a multiply-accumulate.
 */
#include "tk_m0_macros.h"

/* tk_fully_connected_m0_batch */
#define P_IN_END 0
#define P_DEPTH 4
#define P_WEIGHTS 8
#define P_BIAS 12
#define P_STEPS 16
#define P_OUT 20
#define P_OUT_END 24
#define P_EXCESS 28
#define P_PER_CHANNEL 32
#define P_SPLIT 36
#define P_MIN 40
#define P_MAX 44

/* The frame goes on behind what output_of_sum uses: */
#define F_SUMS 32
#define F_PARAMS 64
#define F_WEIGHTS 68
#define F_BIAS 72
#define F_STEPS 76
#define F_OUT 80
#define F_SPLIT 84
#define F_BYTES 88

#define TAP_BYTES(units) (4 + 6 * (units))

/* An input, in r3, with the weight of one unit; the sum in one of r8-r14, or in one of r0-r7. */
.macro product offset, sum
    ldrb    r4, [r1, #\offset]
    muls    r4, r3, r4
    add     \sum, r4
.endm
.macro product_low offset, sum
    ldrb    r4, [r1, #\offset]
    muls    r4, r3, r4
    adds    \sum, \sum, r4
.endm

/* The products of an input, the one that r2 has come to, with four units' weights; or with eight. */
.macro products_of_input at
    ldrsb   r3, [r0, r2]
    product \at, r8
    product \at + 1, r9
    product \at + 2, r10
    product \at + 3, r11
.endm
.macro products_of_input_8 at
    products_of_input \at
    product \at + 4, r12
    product \at + 5, lr
    product_low \at + 6, r5
    product_low \at + 7, r6
.endm

/* All inputs: r0 end of inputs, r1 weights (advances), r2 inputs that are left, less than 0. Four in a turn; the first
 * turn begins with the last one, two or three of them where the depth is no multiple of 4. r3, r4 are lost. */
.macro products_of_inputs units, products, name
    movs    r3, #3
    ands    r3, r3, r2
    movs    r4, #\units
    muls    r4, r3, r4
    subs    r1, r1, r4
    movs    r4, #TAP_BYTES(\units)
    muls    r3, r4, r3
    ldr     r4, =.Ltaps_\name + 1
    adds    r3, r3, r4
    bx      r3
    .balign 4
.Ltaps_\name:
    \products 0
    adds    r2, r2, #1
    \products \units
    adds    r2, r2, #1
    \products 2 * \units
    adds    r2, r2, #1
    \products 3 * \units
    adds    r1, r1, #4 * \units
    adds    r2, r2, #1
    bne     .Ltaps_\name
.endm

    .syntax unified
    .thumb
    .section .text.tk_fully_connected_m0_batch_s8, "ax", %progbits
    .global tk_fully_connected_m0_batch_s8
    .type   tk_fully_connected_m0_batch_s8, %function
    .thumb_func
    .balign 4

tk_fully_connected_m0_batch_s8:
    push    {r4, r5, r6, r7, lr}
    mov     r4, r8
    mov     r5, r9
    mov     r6, r10
    mov     r7, r11
    push    {r4, r5, r6, r7}
    sub     sp, #F_BYTES
    str     r0, [sp, #F_PARAMS]
    ldr     r1, [r0, #P_MIN]
    str     r1, [sp, #FRAME_MIN]
    ldr     r1, [r0, #P_MAX]
    str     r1, [sp, #FRAME_MAX]
    ldr     r1, [r0, #P_WEIGHTS]
    str     r1, [sp, #F_WEIGHTS]
    ldr     r1, [r0, #P_BIAS]
    str     r1, [sp, #F_BIAS]
    ldr     r1, [r0, #P_OUT]
    str     r1, [sp, #F_OUT]
    ldr     r1, [r0, #P_STEPS]
    ldr     r2, [r0, #P_PER_CHANNEL]
    cmp     r2, #0
    bne     1f
    ldr     r0, [r0, #P_SPLIT]
    load_steps all
    mov     r1, lr
    str     r1, [sp, #F_SPLIT]
1:
    str     r1, [sp, #F_STEPS]

.Lblock:
    ldr     r0, [sp, #F_PARAMS]
    ldr     r1, [sp, #F_WEIGHTS]
    ldr     r2, [r0, #P_DEPTH]
    negs    r2, r2
    movs    r5, #0
    movs    r6, #0
    mov     r8, r5
    mov     r9, r5
    mov     r10, r5
    mov     r11, r5
    mov     r12, r5
    mov     lr, r5
    ldr     r3, [r0, #P_OUT_END]
    ldr     r4, [sp, #F_OUT]
    subs    r3, r3, r4
    ldr     r0, [r0, #P_IN_END]
    cmp     r3, #4
    bls     .Lfour
    products_of_inputs 8, products_of_input_8, of_8
    b       .Loutputs
.Lfour:
    products_of_inputs 4, products_of_input, of_4

/* Sums in memory, then one after the other. r2 sum, r3 next sums, r8 where the next output goes, r9 the block's end
 * there, r10 excess; see output_of_sum. */
.Loutputs:
    str     r1, [sp, #F_WEIGHTS]
    add     r3, sp, #F_SUMS
    mov     r0, r8
    mov     r1, r9
    mov     r2, r10
    mov     r4, r11
    stmia   r3!, {r0, r1, r2, r4}
    mov     r0, r12
    mov     r1, lr
    stmia   r3!, {r0, r1, r5, r6}
    subs    r3, r3, #32
    ldr     r0, [sp, #F_PARAMS]
    ldr     r1, [r0, #P_EXCESS]
    mov     r10, r1
    ldr     r1, [sp, #F_OUT]
    mov     r8, r1
    adds    r1, r1, #8
    ldr     r2, [r0, #P_OUT_END]
    cmp     r1, r2
    bls     2f
    movs    r1, r2
2:
    mov     r9, r1
    str     r1, [sp, #F_OUT]
    ldr     r1, [r0, #P_PER_CHANNEL]
    cmp     r1, #0
    bne     .Lper_channel
    ldr     r0, [sp, #F_SPLIT]
    mov     lr, r0
    ldr     r0, [sp, #F_BIAS]
    mov     r7, sp
    ldmia   r7, {r4, r5, r6, r7}
.Loutput:
    ldmia   r3!, {r2}
    ldmia   r0!, {r1}
    adds    r2, r2, r1
    add     r2, r10
    output_of_sum r2, of_all
    mov     r1, r8
    strb    r2, [r1]
    adds    r1, r1, #1
    mov     r8, r1
    cmp     r1, r9
    bne     .Loutput
    str     r0, [sp, #F_BIAS]
.Lblock_done:
    ldr     r0, [sp, #F_PARAMS]
    ldr     r0, [r0, #P_OUT_END]
    cmp     r9, r0
    beq     .Lend
    b       .Lblock
.Lend:
    add     sp, #F_BYTES
    pop     {r4, r5, r6, r7}
    mov     r8, r4
    mov     r9, r5
    mov     r10, r6
    mov     r11, r7
    pop     {r4, r5, r6, r7, pc}

.Lper_channel:
    mov     r11, r3
    ldr     r0, [sp, #F_PARAMS]
    ldr     r0, [r0, #P_SPLIT]
    ldr     r1, [sp, #F_STEPS]
    load_steps each
    str     r1, [sp, #F_STEPS]
    mov     r7, sp
    ldmia   r7, {r4, r5, r6, r7}
    mov     r3, r11
    ldmia   r3!, {r2}
    ldr     r1, [sp, #FRAME_BIAS]
    adds    r2, r2, r1
    add     r2, r10
    output_of_sum r2, of_one
    mov     r1, r8
    strb    r2, [r1]
    adds    r1, r1, #1
    mov     r8, r1
    cmp     r1, r9
    bne     .Lper_channel
    b       .Lblock_done

    output_of_sum_aside r2, of_all
    output_of_sum_aside r2, of_one
    .balign 4
    .ltorg
    .size   tk_fully_connected_m0_batch_s8, . - tk_fully_connected_m0_batch_s8
