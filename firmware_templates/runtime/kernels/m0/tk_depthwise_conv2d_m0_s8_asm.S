/* A strip of rows of a depthwise convolution, see tk_depthwise_conv2d_m0_s8.c.
 *
 * Channel by channel: weights are unpacked; input rows of the channel become words of an input and its right neighbour;
 * then windows of two neighbouring pixels are multiplied with the weights, four columns of a row at a time.
 */
#include "tk_m0_macros.h"

/* tk_depthwise_m0_strip */
#define P_IN 0
#define P_IN_END 4
#define P_ROWS 8
#define P_WINDOW 12
#define P_UNPACKED 16
#define P_WEIGHTS 20
#define P_STEPS 24
#define P_OUT 28
#define P_OUT_END 32
#define P_CHANNELS 36
#define P_IN_ROW 40
#define P_ROWS_GAP 44
#define P_OUT_ROW 48
#define P_ROW_STEP 52
#define P_GAP 56
#define P_BLOCKS 60
#define P_BLOCKS_OF_ROW 64
#define P_STRIDE 68
#define P_SPLIT 72
#define P_MIN 76
#define P_MAX 80
#define P_ZERO 84
#define P_ODD 88

/* The frame goes on behind what output_of_sum uses: */
#define F_PAIR 32
#define F_PAIR_STEP 36
#define F_ROW 40
#define F_OUT 44
#define F_ENTRY 48
#define F_UNPACKED 52
#define F_BLOCKS_LEFT 56
#define F_BLOCKS_OF_ROW 60
#define F_PARAMS 64
#define F_WEIGHTS 68
#define F_STEPS 72
#define F_IN 76
#define F_CHANNELS_LEFT 80
#define F_OUT_END 84
#define F_IN_END 88
#define F_BYTES 96

/* As products_of_4, for pixels that are two columns apart. */
.macro products_of_4_apart
    ldmia   r1!, {r4, r5}
    ldr     r6, [r0, #0]
    ldr     r7, [r0, #8]
    products_of_2 r4
    ldr     r6, [r0, #8]
    ldr     r7, [r0, #16]
    products_of_2 r5
    adds    r0, r0, #16
.endm

/* All rows of a window, of 4 columns each, or of several times 4. r8 end of weights, r12 what leads to the next row. */
.macro window products, name
    .balign 4
.Lnarrow_\name:
    \products
    add     r0, r12
    cmp     r1, r8
    bne     .Lnarrow_\name
    b       .Lsums
    .balign 4
.Lwide_\name:
    ldr     r4, [sp, #F_BLOCKS_OF_ROW]
1:
    str     r4, [sp, #F_BLOCKS_LEFT]
    \products
    ldr     r4, [sp, #F_BLOCKS_LEFT]
    subs    r4, r4, #1
    bne     1b
    add     r0, r12
    cmp     r1, r8
    bne     .Lwide_\name
    b       .Lsums
.endm

    .syntax unified
    .thumb
    .section .text.tk_depthwise_m0_rows, "ax", %progbits
    .global tk_depthwise_m0_rows
    .type   tk_depthwise_m0_rows, %function
    .thumb_func
    .balign 4

tk_depthwise_m0_rows:
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
    ldr     r1, [r0, #P_UNPACKED]
    str     r1, [sp, #F_UNPACKED]
    ldr     r1, [r0, #P_WEIGHTS]
    str     r1, [sp, #F_WEIGHTS]
    ldr     r1, [r0, #P_STEPS]
    str     r1, [sp, #F_STEPS]
    ldr     r1, [r0, #P_IN]
    str     r1, [sp, #F_IN]
    ldr     r1, [r0, #P_IN_END]
    str     r1, [sp, #F_IN_END]
    ldr     r1, [r0, #P_OUT]
    str     r1, [sp, #F_OUT]
    ldr     r1, [r0, #P_OUT_END]
    str     r1, [sp, #F_OUT_END]
    ldr     r1, [r0, #P_CHANNELS]
    str     r1, [sp, #F_CHANNELS_LEFT]
    ldr     r1, [r0, #P_STRIDE]
    lsls    r2, r1, #3
    str     r2, [sp, #F_PAIR_STEP]
    ldr     r2, [r0, #P_BLOCKS_OF_ROW]
    str     r2, [sp, #F_BLOCKS_OF_ROW]
    ldr     r3, =.Lnarrow_near + 1
    ldr     r4, =.Lnarrow_apart + 1
    cmp     r2, #1
    beq     1f
    ldr     r3, =.Lwide_near + 1
    ldr     r4, =.Lwide_apart + 1
1:
    cmp     r1, #1
    beq     2f
    movs    r3, r4
2:
    str     r3, [sp, #F_ENTRY]

/* Weights. */
.Lchannel:
    ldr     r5, [sp, #F_PARAMS]
    ldr     r0, [sp, #F_UNPACKED]
    ldr     r1, [r5, #P_BLOCKS]
    lsls    r1, r1, #3
    adds    r1, r1, r0
    mov     r8, r1
    ldr     r1, [sp, #F_WEIGHTS]
    ldr     r7, =0x00ff00ff
    ldr     r6, =0x00800080
3:
    unpack_4
    cmp     r0, r8
    bne     3b
    str     r1, [sp, #F_WEIGHTS]

/* Rows of words. r0 to, r1 from, r2 from there to the pixel, r3 zero point, r4 and r5 by turns the pixel and the one
 * before, r8 distance of pixels, r9 of rows, r10 end of rows, r11 between the rows that are written, r12 entry. */
    ldr     r0, [r5, #P_ROWS]
    ldr     r1, [sp, #F_IN]
    ldr     r2, [r5, #P_CHANNELS]
    mov     r8, r2
    ldr     r2, [r5, #P_IN_ROW]
    mov     r9, r2
    ldr     r2, [sp, #F_IN_END]
    mov     r10, r2
    ldr     r2, [r5, #P_ROWS_GAP]
    mov     r11, r2
    ldr     r3, [r5, #P_ZERO]
    /* Pixels are done by twos; with an odd number of them the first turn has one only. */
    ldr     r2, [r5, #P_ODD]
    ldr     r4, =.Lexpand_even + 1
    cmp     r2, #0
    beq     4f
    ldr     r4, =.Lexpand_odd + 1
4:
    mov     r12, r4
.Lexpand_row:
    movs    r2, #0
    movs    r4, r3
    movs    r5, r3
    bx      r12
    .balign 4
.Lexpand_even:
    ldrsb   r4, [r1, r2]
    add     r2, r8
    lsls    r6, r4, #16
    adds    r6, r6, r5
    stmia   r0!, {r6}
.Lexpand_odd:
    ldrsb   r5, [r1, r2]
    add     r2, r8
    lsls    r6, r5, #16
    adds    r6, r6, r4
    stmia   r0!, {r6}
    cmp     r2, r9
    bne     .Lexpand_even
    lsls    r6, r3, #16
    adds    r6, r6, r5
    stmia   r0!, {r6}
    add     r0, r11
    add     r1, r9
    cmp     r1, r10
    bne     .Lexpand_row

/* Outputs. r8 end of the unpacked weights, r9 where the next output goes, r10 distance of pixels there, r11 end of this
 * row's outputs, r12 what leads to a window's next row, lr see output_of_sum. */
    ldr     r1, [sp, #F_STEPS]
    ldr     r5, [sp, #F_PARAMS]
    ldr     r2, [r5, #P_CHANNELS]
    mov     r10, r2
    ldr     r2, [r5, #P_GAP]
    mov     r12, r2
    ldr     r0, [sp, #F_UNPACKED]
    ldr     r2, [r5, #P_BLOCKS]
    lsls    r2, r2, #3
    adds    r2, r2, r0
    mov     r8, r2
    ldr     r2, [r5, #P_WINDOW]
    str     r2, [sp, #F_ROW]
    ldr     r2, [sp, #F_OUT]
    mov     r9, r2
    mov     r11, r2
    adds    r2, r2, #1
    str     r2, [sp, #F_OUT]
    ldr     r0, [r5, #P_SPLIT]
    load_steps depthwise
    str     r1, [sp, #F_STEPS]
.Lrow:
    ldr     r5, [sp, #F_PARAMS]
    ldr     r0, [sp, #F_ROW]
    ldr     r1, [r5, #P_ROW_STEP]
    adds    r1, r1, r0
    str     r1, [sp, #F_ROW]
    ldr     r1, [r5, #P_OUT_ROW]
    add     r11, r1
    ldr     r5, [sp, #F_PAIR_STEP]
.Lpair:
    adds    r1, r0, r5
    str     r1, [sp, #F_PAIR]
    ldr     r1, [sp, #F_UNPACKED]
    ldr     r2, [sp, #FRAME_BIAS]
    movs    r3, r2
    ldr     r4, [sp, #F_ENTRY]
    bx      r4
.Lsums:
    mov     r7, sp
    ldmia   r7, {r4, r5, r6, r7}
    output_of_sum r2, first
    mov     r1, r9
    strb    r2, [r1]
    add     r9, r10
    cmp     r9, r11
    beq     .Lrow_done
    output_of_sum r3, second
    mov     r1, r9
    strb    r3, [r1]
    add     r9, r10
    ldr     r0, [sp, #F_PAIR]
    ldr     r5, [sp, #F_PAIR_STEP]
    cmp     r9, r11
    bne     .Lpair
.Lrow_done:
    ldr     r1, [sp, #F_OUT_END]
    cmp     r9, r1
    bne     .Lrow
    adds    r1, r1, #1
    str     r1, [sp, #F_OUT_END]
    ldr     r1, [sp, #F_IN]
    adds    r1, r1, #1
    str     r1, [sp, #F_IN]
    ldr     r1, [sp, #F_IN_END]
    adds    r1, r1, #1
    str     r1, [sp, #F_IN_END]
    ldr     r1, [sp, #F_CHANNELS_LEFT]
    subs    r1, r1, #1
    str     r1, [sp, #F_CHANNELS_LEFT]
    beq     .Lend
    b       .Lchannel
.Lend:
    add     sp, #F_BYTES
    pop     {r4, r5, r6, r7}
    mov     r8, r4
    mov     r9, r5
    mov     r10, r6
    mov     r11, r7
    pop     {r4, r5, r6, r7, pc}

    output_of_sum_aside r2, first
    output_of_sum_aside r3, second
    window  products_of_4, near
    window  products_of_4_apart, apart
    .balign 4
    .ltorg
    .size   tk_depthwise_m0_rows, . - tk_depthwise_m0_rows
