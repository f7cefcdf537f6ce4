/* Inner loops of tk_depthwise3x3_dsp_s8.c. */
    .syntax unified
    .thumb

/* Stack frame of tk_dsp_depthwise3x3_rows: what changes with each channel, then a copy of the job and the loop. */
    .equ CONSTANTS, 0 /* multiplier, shift, rounding */
    .equ COLUMNS_END, 12
    .equ STEPS, 16  /* second_row, pixel */
    .equ PLACES, 24 /* columns, out, stream, stream_end, channel_bytes, row_bytes, rounding */
    .equ STREAM, 32
    .equ LOOP, 52
    .equ FRAME, 56

/* void tk_dsp_depthwise3x3_rows(const rows_job *job, void (*loop)(void))
 *
 * In the loops: r0 columns, r1 output, r4 to r9 doubled weights of the three columns, rows (0, 1) and (1, 2) each;
 * lr doubled bias; r10, r11 doubled sums of the first and the second row of outputs. */
    .section .text.tk_dsp_depthwise3x3_rows, "ax", %progbits
    .global tk_dsp_depthwise3x3_rows
    .type   tk_dsp_depthwise3x3_rows, %function
tk_dsp_depthwise3x3_rows:
    push    {r4-r11, lr}
    sub     sp, sp, #FRAME
    add     r12, sp, #STEPS
    mov     r11, r1
    ldm     r0, {r2-r10}
    stm     r12, {r2-r11}
    .type   tk_dsp_depthwise3x3_next, %function
tk_dsp_depthwise3x3_next:
    add     r12, sp, #PLACES
    ldm     r12, {r0, r1, r2, r3, r4, r6, r8}
    cmp     r2, r3
    beq     1f
    ldm     r2!, {r5, r7, r9, r10, r11}
    add     r3, r0, r4
    add     r4, r1, #1
    strd    r3, r4, [sp, #PLACES]
    str     r2, [sp, #STREAM]
    lsl     r12, r8, r11
    add     lr, r0, r6
    stm     sp, {r10, r11, r12, lr}     /* CONSTANTS, COLUMNS_END */
    asr     lr, r11, #7
    sxtb16  r4, r5
    sxtb16  r5, r5, ror #8
    sxtb16  r6, r7
    sxtb16  r7, r7, ror #8
    sxtb16  r8, r9
    sxtb16  r9, r9, ror #8
    .irp    weights, r4, r5, r6, r7, r8, r9
    sadd16  \weights, \weights, \weights
    .endr
    ldr     pc, [sp, #LOOP]
1:  add     sp, sp, #FRAME
    pop     {r4-r11, pc}
    .size   tk_dsp_depthwise3x3_rows, . - tk_dsp_depthwise3x3_rows

.macro COLUMN address, upper, lower, weights_0, weights_1, stride, start_0=r10, start_1=r11
    ldrd    r2, r3, \address
    smlad   r10, \upper, \weights_0, \start_0
    .if \stride == 1
    smlatb  r11, \upper, \weights_0, \start_1
    .endif
    smlabt  r10, \lower, \weights_1, r10
    .if \stride == 1
    smlad   r11, \lower, \weights_1, r11
    .endif
.endm

/* See tk_dsp_output.h. Without a register to spare, ties of negative numbers cost two instructions. */
.macro OUTPUT sum, signed
    .if \signed
    smmulr  \sum, \sum, r2
    add     \sum, \sum, \sum, asr #31
    add     \sum, \sum, r12
    .else
    smmlar  \sum, \sum, r2, r12
    .endif
    asr     \sum, \sum, r3
    ssat    \sum, #8, \sum, asr #1
.endm

/* All outputs of a channel in a row, or in two rows at stride 1. */
.macro ROWS name, upper, lower, stride, signed
    .section .text.\name, "ax", %progbits
    .global \name
    .type   \name, %function
\name:
    .if \stride == 1
    COLUMN  "[r0], #8", \upper, \lower, r4, r5, 1, lr, lr
    COLUMN  "[r0]", \upper, \lower, r6, r7, 1
    COLUMN  "[r0, #8]", \upper, \lower, r8, r9, 1
    .else
    COLUMN  "[r0], #16", \upper, \lower, r4, r5, 2, lr
    COLUMN  "[r0, #-8]", \upper, \lower, r6, r7, 2
    COLUMN  "[r0]", \upper, \lower, r8, r9, 2
    .endif
    ldm     sp, {r2, r3, r12}
    OUTPUT  r10, \signed
    .if \stride == 1
    OUTPUT  r11, \signed
    ldrd    r2, r3, [sp, #STEPS]
    strb    r11, [r1, r2]
    .else
    ldr     r3, [sp, #STEPS + 4]
    .endif
    strb    r10, [r1]
    add     r1, r1, r3
    ldr     r2, [sp, #COLUMNS_END]
    cmp     r0, r2
    bne     \name
    b.w     tk_dsp_depthwise3x3_next
    .size   \name, . - \name
.endm

    ROWS    tk_dsp_depthwise3x3_relu_1_0, r2, r3, 1, 0
    ROWS    tk_dsp_depthwise3x3_relu_1_1, r3, r2, 1, 0
    ROWS    tk_dsp_depthwise3x3_relu_2_0, r2, r3, 2, 0
    ROWS    tk_dsp_depthwise3x3_relu_2_1, r3, r2, 2, 0
    ROWS    tk_dsp_depthwise3x3_signed_1_0, r2, r3, 1, 1
    ROWS    tk_dsp_depthwise3x3_signed_1_1, r3, r2, 1, 1
    ROWS    tk_dsp_depthwise3x3_signed_2_0, r2, r3, 2, 1
    ROWS    tk_dsp_depthwise3x3_signed_2_1, r3, r2, 2, 1

/* void tk_dsp_depthwise3x3_pair(const pair_job *job)
 *
 * r0, r1 inputs of the upper and the lower row, r2, r3 their steps; r4 columns, r5 channel_bytes, r6 pixels left,
 * r7 3 * channel_bytes. On the stack: upper, lower, columns, pixels, channels left. */
    .section .text.tk_dsp_depthwise3x3_pair, "ax", %progbits
    .global tk_dsp_depthwise3x3_pair
    .type   tk_dsp_depthwise3x3_pair, %function
tk_dsp_depthwise3x3_pair:
    push    {r4-r11, lr}
    sub     sp, sp, #20
    ldm     r0, {r0-r7}
    mov     r12, sp
    stm     r12, {r0, r1, r4, r6, r7}
1:  ldm     sp, {r0, r1, r4, r6, r7}
    subs    r7, r7, #4
    blt     3f
    add     r8, r0, #4
    add     r9, r1, #4
    add     r10, r4, r5, lsl #2
    strd    r8, r9, [sp]
    str     r10, [sp, #8]
    str     r7, [sp, #16]
    add     r7, r5, r5, lsl #1
2:  ldr     r8, [r0]                    /* four channels of a pixel */
    add     r0, r0, r2
    ldr     r9, [r1]
    add     r1, r1, r3
    sxtb16  r10, r8
    sxtb16  r8, r8, ror #8
    sxtb16  r11, r9
    sxtb16  r9, r9, ror #8
    pkhbt   r12, r10, r11, lsl #16
    pkhtb   r10, r11, r10, asr #16
    pkhbt   lr, r8, r9, lsl #16
    pkhtb   r8, r9, r8, asr #16
    str     lr, [r4, r5]
    str     r10, [r4, r5, lsl #1]
    str     r8, [r4, r7]
    str     r12, [r4], #8
    subs    r6, r6, #1
    bne     2b
    b       1b
3:  adds    r7, r7, #4                  /* channels that are left, one by one */
    beq     5f
    add     r8, r0, #1
    add     r9, r1, #1
    add     r10, r4, r5
    sub     r7, r7, #1
    strd    r8, r9, [sp]
    str     r10, [sp, #8]
    str     r7, [sp, #16]
4:  ldrsb   r8, [r0]
    add     r0, r0, r2
    ldrsb   r9, [r1]
    add     r1, r1, r3
    pkhbt   r8, r8, r9, lsl #16
    str     r8, [r4], #8
    subs    r6, r6, #1
    bne     4b
    b       1b
5:  add     sp, sp, #20
    pop     {r4-r11, pc}
    .size   tk_dsp_depthwise3x3_pair, . - tk_dsp_depthwise3x3_pair
