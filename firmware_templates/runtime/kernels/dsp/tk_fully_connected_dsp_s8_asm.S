/* Eight units of FULLY_CONNECTED at a time, see tk_fully_connected_dsp_s8.c. */
    .syntax unified
    .thumb

/* Stack frame: a copy of the job. */
    .equ IN, 0
    .equ IN_END, 4
    .equ OUT, 8
    .equ OUT_END, 12
    .equ MULTIPLIER, 16 /* then rounding and shift */
    .equ ROUNDING, 20
    .equ SHIFT, 24
    .equ FINISH, 28
    .equ ENTRY, 32
    .equ FRAME, 36

/* Two inputs as a pair, for four pairs of units. */
.macro FOUR_PAIRS inputs
    ldrd    r12, lr, [r1], #8
    smlad   r5, r12, \inputs, r5
    smlad   r7, lr, \inputs, r7
    sxtb16  r12, r12
    sxtb16  lr, lr
    smlad   r4, r12, \inputs, r4
    smlad   r6, lr, \inputs, r6
    ldrd    r12, lr, [r1], #8
    smlad   r9, r12, \inputs, r9
    smlad   r11, lr, \inputs, r11
    sxtb16  r12, r12
    sxtb16  lr, lr
    smlad   r8, r12, \inputs, r8
    smlad   r10, lr, \inputs, r10
.endm

/* A sum, doubled on the way, becomes an output (tk_dsp_output.h). r2 multiplier, r3 rounding, r12 shift, lr output. */
.macro OUTPUT sum, shift_op, amount
    \shift_op \sum, \sum, #\amount
    add     r0, r3, \sum, asr #31
    smmlar  \sum, \sum, r2, r0
    asr     \sum, \sum, r12
    ssat    \sum, #8, \sum, asr #1
    strb    \sum, [lr], #1
.endm

.macro OUTPUT_EACH sum, shift_op, amount
    ldrd    r2, r12, [r1], #8
    ldr     r3, [sp, #ROUNDING]
    lsl     r3, r3, r12
    OUTPUT  \sum, \shift_op, \amount
.endm

/* void tk_dsp_fully_connected_8(const blocks_job *job)
 *
 * r0 inputs, r1 stream, r4 to r11 sums: even registers the first of a pair of units, odd ones both. */
    .section .text.tk_dsp_fully_connected_8, "ax", %progbits
    .global tk_dsp_fully_connected_8
    .type   tk_dsp_fully_connected_8, %function
tk_dsp_fully_connected_8:
    push    {r4-r11, lr}
    sub     sp, sp, #FRAME
    mov     r12, sp
    ldm     r0!, {r1-r9}
    stm     r12, {r1-r9}
    ldr     r1, [r0]
eight_units:
    ldm     r1!, {r4-r11}
    ldr     r0, [sp, #IN]
    ldr     pc, [sp, #ENTRY]
four_inputs:
    .rept   4
    ldr     r3, [r0], #4
    sxtb16  r2, r3
    sxtb16  r3, r3, ror #8
    FOUR_PAIRS r2
    FOUR_PAIRS r3
    .endr
    .global tk_dsp_fully_connected_loop_end
    .type   tk_dsp_fully_connected_loop_end, %function
tk_dsp_fully_connected_loop_end:
    ldr     r2, [sp, #IN_END]
    cmp     r0, r2
    bne     four_inputs
    sub     r5, r5, r4
    sub     r7, r7, r6
    sub     r9, r9, r8
    sub     r11, r11, r10
    ldr     lr, [sp, #OUT]
    ldr     pc, [sp, #FINISH]

    .type   tk_dsp_fully_connected_next, %function
tk_dsp_fully_connected_next:
    str     lr, [sp, #OUT]
    ldr     r2, [sp, #OUT_END]
    cmp     lr, r2
    bne     eight_units
    add     sp, sp, #FRAME
    pop     {r4-r11, pc}
    .size   tk_dsp_fully_connected_8, . - tk_dsp_fully_connected_8

    .section .text.tk_dsp_fully_connected_all, "ax", %progbits
    .global tk_dsp_fully_connected_all
    .type   tk_dsp_fully_connected_all, %function
tk_dsp_fully_connected_all:
    ldrd    r2, r3, [sp, #MULTIPLIER]
    ldr     r12, [sp, #SHIFT]
    OUTPUT  r4, lsl, 1
    OUTPUT  r5, asr, 7
    OUTPUT  r6, lsl, 1
    OUTPUT  r7, asr, 7
    OUTPUT  r8, lsl, 1
    OUTPUT  r9, asr, 7
    OUTPUT  r10, lsl, 1
    OUTPUT  r11, asr, 7
    b.w     tk_dsp_fully_connected_next
    .size   tk_dsp_fully_connected_all, . - tk_dsp_fully_connected_all

    .section .text.tk_dsp_fully_connected_each, "ax", %progbits
    .global tk_dsp_fully_connected_each
    .type   tk_dsp_fully_connected_each, %function
tk_dsp_fully_connected_each:
    OUTPUT_EACH r4, lsl, 1
    OUTPUT_EACH r5, asr, 7
    OUTPUT_EACH r6, lsl, 1
    OUTPUT_EACH r7, asr, 7
    OUTPUT_EACH r8, lsl, 1
    OUTPUT_EACH r9, asr, 7
    OUTPUT_EACH r10, lsl, 1
    OUTPUT_EACH r11, asr, 7
    b.w     tk_dsp_fully_connected_next
    .size   tk_dsp_fully_connected_each, . - tk_dsp_fully_connected_each
