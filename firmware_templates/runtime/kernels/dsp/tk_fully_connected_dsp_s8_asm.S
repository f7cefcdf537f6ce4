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

/* Two inputs as a pair times two taps of two units, of which the weights share their bits. */
.macro PAIR weights, inputs, first, both
    smlad   \both, \weights, \inputs, \both
    sxtb16  \weights, \weights
    smlad   \first, \weights, \inputs, \first
.endm

/* The next eight units: r0 inputs, r4 to r11 sums, which begin with the biases, r12 and lr the first weights; into the
 * loop. */
.macro EIGHT_UNITS
    ldm     r1!, {r4-r12, lr}
    ldr     r0, [sp, #IN]
    ldr     pc, [sp, #ENTRY]
.endm

/* A sum, doubled on the way, becomes an output (tk_dsp_output.h). r2 multiplier, r3 rounding, r12 shift, lr output. */
.macro OUTPUT sum, shift_op, amount, signed
    \shift_op \sum, \sum, #\amount
    .if \signed
    add     r0, r3, \sum, asr #31
    smmlar  \sum, \sum, r2, r0
    .else
    smmlar  \sum, \sum, r2, r3
    .endif
    asr     \sum, \sum, r12
    ssat    \sum, #8, \sum, asr #1
    strb    \sum, [lr], #1
.endm

/* The same with constants of each unit from the stream. */
.macro OUTPUT_EACH sum, shift_op, amount, signed
    ldrd    r2, r12, [r1], #8
    ldr     r3, [sp, #ROUNDING]
    lsl     r3, r3, r12
    OUTPUT  \sum, \shift_op, \amount, \signed
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
    EIGHT_UNITS
four_inputs:
    .rept   8
    ldr     r3, [r0], #4                /* inputs 0 and 2 in r2, then 1 and 3 in r3 */
    sxtb16  r2, r3
    PAIR    r12, r2, r4, r5
    PAIR    lr, r2, r6, r7
    ldm     r1!, {r12, lr}
    PAIR    r12, r2, r8, r9
    PAIR    lr, r2, r10, r11
    sxtb16  r3, r3, ror #8
    ldm     r1!, {r2, r12, lr}
    PAIR    r2, r3, r4, r5
    PAIR    r12, r3, r6, r7
    PAIR    lr, r3, r8, r9
    ldm     r1!, {r2, r12, lr}          /* the last of these, and the first of the next four inputs */
    PAIR    r2, r3, r10, r11
    .endr
    .global tk_dsp_fully_connected_loop_end
    .type   tk_dsp_fully_connected_loop_end, %function
tk_dsp_fully_connected_loop_end:
    ldr     r2, [sp, #IN_END]
    cmp     r0, r2
    bne     four_inputs
    sub     r1, r1, #8                  /* there were no more inputs */
    sub     r5, r5, r4
    sub     r7, r7, r6
    sub     r9, r9, r8
    sub     r11, r11, r10
    ldr     lr, [sp, #OUT]
    ldr     pc, [sp, #FINISH]
    .size   tk_dsp_fully_connected_8, . - tk_dsp_fully_connected_8

/* Outputs of eight units, then the next ones, or the end. */
.macro FINISH_EIGHT name, output, signed
    .section .text.\name, "ax", %progbits
    .global \name
    .type   \name, %function
\name:
    .ifc \output, OUTPUT
    ldrd    r2, r3, [sp, #MULTIPLIER]
    ldr     r12, [sp, #SHIFT]
    .endif
    \output r4, lsl, 1, \signed
    \output r5, asr, 7, \signed
    \output r6, lsl, 1, \signed
    \output r7, asr, 7, \signed
    \output r8, lsl, 1, \signed
    \output r9, asr, 7, \signed
    \output r10, lsl, 1, \signed
    \output r11, asr, 7, \signed
    str     lr, [sp, #OUT]
    ldr     r2, [sp, #OUT_END]
    cmp     lr, r2
    beq     1f
    EIGHT_UNITS
1:  add     sp, sp, #FRAME
    pop     {r4-r11, pc}
    .size   \name, . - \name
.endm

    FINISH_EIGHT tk_dsp_fully_connected_relu, OUTPUT, 0
    FINISH_EIGHT tk_dsp_fully_connected_all, OUTPUT, 1
    FINISH_EIGHT tk_dsp_fully_connected_each, OUTPUT_EACH, 1
