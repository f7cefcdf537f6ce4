/* Eight units of a dense layer at a time, for cores with Helium: see tk_mve_dense.h.
 *
 *     r0 r2 r4 r6     sums of units 0 2 4 6 of a block
 *     r8 r10 r12 lr   sums of units 1 3 5 7
 *     r1, r3, r11     where input, weights and biases are read
 *     r5              groups of chunks left
 *     r7              where the first group is entered
 *     r9              units left
 *     q0, q1          16 bytes of the input, of a unit's weights
 *     q7              the zero point, in 8 lanes
 */
    .syntax unified
    .thumb

/* Fields of tk_mve_dense. */
    .equ DENSE_IN, 0
    .equ DENSE_CHUNKS, 4
    .equ DENSE_TAIL, 8
    .equ DENSE_WEIGHTS, 12
    .equ DENSE_BIAS, 16
    .equ DENSE_MULTIPLIER, 20
    .equ DENSE_SHIFT, 24
    .equ DENSE_STEP, 28
    .equ DENSE_OUT, 32
    .equ DENSE_UNITS, 36
    .equ DENSE_SATURATED, 40
    .equ DENSE_ZERO_POINT, 44
    .equ DENSE_LOW, 48
    .equ DENSE_HIGH, 52

    .equ FRAME_IN, 0           /* and the next: for one LDRD */
    .equ FRAME_GROUPS, 4
    .equ FRAME_MULTIPLIER, 8   /* and the next */
    .equ FRAME_SHIFT, 12
    .equ FRAME_OUT, 16
    .equ FRAME_STEP, 20
    .equ FRAME_SATURATED, 24
    .equ FRAME_BACK, 28        /* how far the last 16 bytes of the input lie over its chunks; 16 without a tail */
    .equ FRAME_LOW, 32         /* 8 lanes each */
    .equ FRAME_HIGH, 48
    .equ FRAME_BYTES, 64

    .equ GROUP, 4              /* chunks */
    .equ CHUNK_BYTES, 17 * 4

    .macro CHUNK
    vldrb.8 q0, [r1], #16
    .irp sum, r0, r2, r4, r6, r8, r10, r12, lr
    vldrb.8 q1, [r3], #16
    vmladava.s8 \sum, q0, q1
    .endr
    .endm

    .text

/* void tk_mve_dense_run(const tk_mve_dense *dense) */
    .global tk_mve_dense_run
    .type tk_mve_dense_run, %function
    .thumb_func
    .balign 4
tk_mve_dense_run:
    push {r4-r11, lr}
    vpush {d8-d15}
    sub sp, #FRAME_BYTES
    ldrd r1, r2, [r0, #DENSE_IN]
    ldrd r4, r3, [r0, #DENSE_TAIL]
    ldrd r11, r6, [r0, #DENSE_BIAS]
    ldrd r8, r10, [r0, #DENSE_SHIFT]
    ldrd r12, r9, [r0, #DENSE_OUT]
    ldrd r5, r7, [r0, #DENSE_SATURATED]
    str r1, [sp, #FRAME_IN]
    strd r6, r8, [sp, #FRAME_MULTIPLIER]
    strd r12, r10, [sp, #FRAME_OUT]
    rsb r4, r4, #16
    strd r5, r4, [sp, #FRAME_SATURATED]
    vdup.16 q7, r7
    ldrd r5, r7, [r0, #DENSE_LOW]
    vdup.16 q0, r5
    vstrw.32 q0, [sp, #FRAME_LOW]
    vdup.16 q0, r7
    vstrw.32 q0, [sp, #FRAME_HIGH]

    /* The first group has the odd chunks: it is entered after those that it does not have. */
    adr r7, after_chunks
    add r5, r2, #(GROUP - 1)
    lsrs r5, r5, #2
    beq 1f
    rsb r2, r2, #0
    and r2, r2, #(GROUP - 1)
    mov r6, #CHUNK_BYTES
    adr r7, group
    mla r7, r2, r6, r7
1:  orr r7, r7, #1
    str r5, [sp, #FRAME_GROUPS]

block:
    ldm r11!, {r0, r2, r4, r6, r8, r10, r12, lr}
    ldrd r1, r5, [sp, #FRAME_IN]
    bx r7

    .balign 4
group:
    .rept GROUP
    CHUNK
    .endr
    subs r5, #1
    bne group
    .balign 4
after_chunks:
    ldr r5, [sp, #FRAME_BACK]
    cmp r5, #16
    beq no_tail
    sub r1, r5
    CHUNK
no_tail:
    vmov q0[2], q0[0], r0, r4
    vmov q0[3], q0[1], r2, r6
    vmov q1[2], q1[0], r8, r12
    vmov q1[3], q1[1], r10, lr
    ldrd r0, r2, [sp, #FRAME_MULTIPLIER]
    vldrw.32 q2, [r0]
    vldrw.32 q3, [r0, #16]
    vldrb.s32 q4, [r2]
    vldrb.s32 q5, [r2, #4]
    ldrd r4, r6, [sp, #FRAME_OUT]
    add r0, r0, r6, lsl #2
    add r2, r6
    strd r0, r2, [sp, #FRAME_MULTIPLIER]
    ldr r0, [sp, #FRAME_SATURATED]
    vctp.16 r9
    cbz r0, any
    vqrdmulh.s32 q0, q0, q2
    vqrdmulh.s32 q1, q1, q3
    vrshl.s32 q0, q0, q4
    vrshl.s32 q1, q1, q5
    vqmovnb.s32 q0, q0
    vqmovnt.s32 q0, q1
    vqadd.s16 q0, q0, q7
    vqmovnb.s16 q0, q0
store:
    vpst
    vstrbt.16 q0, [r4], #8
    str r4, [sp, #FRAME_OUT]
    subs r9, #8
    bgt block
    add sp, #FRAME_BYTES
    vpop {d8-d15}
    pop {r4-r11, pc}

/* Shifts to both sides, any bounds. VRSHL rounds halves up, TFLite-Micro away from zero: from a negative number one is
 * subtracted before, unless it is not shifted to the right at all. */
any:
    vmov.i32 q6, #0
    .macro REQUANTIZE sums, multiplier, shift
    vmax.s32 q6, \shift, q6
    vshl.s32 \sums, \sums, q6
    vqrdmulh.s32 \sums, \sums, \multiplier
    vmov.i32 q6, #0
    vmin.s32 \shift, \shift, q6
    vand q6, \sums, \shift
    vshr.s32 q6, q6, #31
    vadd.i32 \sums, \sums, q6
    vrshl.s32 \sums, \sums, \shift
    .endm
    REQUANTIZE q0, q2, q4
    vmov.i32 q6, #0
    REQUANTIZE q1, q3, q5
    vqmovnb.s32 q0, q0
    vqmovnt.s32 q0, q1
    vqadd.s16 q0, q0, q7
    vldrw.32 q2, [sp, #FRAME_LOW]
    vmax.s16 q0, q0, q2
    vldrw.32 q2, [sp, #FRAME_HIGH]
    vmin.s16 q0, q0, q2
    b store
    .size tk_mve_dense_run, . - tk_mve_dense_run
