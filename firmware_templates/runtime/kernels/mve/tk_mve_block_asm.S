/* Many pixels, two at a time, for cores with Helium: see tk_mve_block.h.
 *
 * Four channels of all pixels are a block. A tile is two pixels times four channels: eight sums, which is how many registers VMLADAVA can add to. Sixteen bytes
 * of each pixel and of each filter make a chunk: six loads feed eight instructions of sixteen multiply-accumulates.
 *
 *     r0 r2 r4 r6     sums of pixel A, one for each channel
 *     r8 r10 r12 lr   sums of pixel B
 *     r1, r3          where A and B are read
 *     r5              where filters are read
 *     r7              where a pass enters the chunks: after those that it does not have
 *     r9              what comes after the chunks
 *     r11             from the end of a pass to the next one, in bytes
 *     q0, q1, q2      16 bytes of A, of B, of a filter
 *     q3, q4          multipliers, shifts (negative) of the four channels
 *     q5              the zero point, in 8 lanes
 *     q6              where the next tile is written: 8 offsets, A and B taking turns
 *     q7              what one tile adds to these offsets
 */
    .syntax unified
    .thumb

/* Fields of tk_mve_block. */
    .equ BLOCK_A, 0
    .equ BLOCK_B, 4
    .equ BLOCK_A_END, 8
    .equ BLOCK_WEIGHTS, 12
    .equ BLOCK_BIAS, 16
    .equ BLOCK_MULTIPLIER, 20
    .equ BLOCK_SHIFT, 24
    .equ BLOCK_OUT, 28
    .equ BLOCK_ADVANCE, 32
    .equ BLOCK_GAP, 36
    .equ BLOCK_PASSES, 40
    .equ BLOCK_CHUNKS, 44
    .equ BLOCK_TAIL, 48
    .equ BLOCK_FINISH, 52
    .equ BLOCK_STEP, 56
    .equ BLOCK_ZERO_POINT, 60
    .equ BLOCK_LOW, 64
    .equ BLOCK_HIGH, 68
    .equ BLOCK_CHANNELS, 72
    .equ BLOCK_OFFSETS, 76
    .equ BLOCK_LAST_OFFSETS, 92

/* The frame. One LDM from its start begins a tile: sums from biases, the filters' start, what comes after the chunks. */
    .equ FRAME_START, 0        /* r0 r2 r4 r5 r6 r8 r9 r10 r12 lr */
    .equ FRAME_AFTER, 24       /* of these r9 */
    .equ FRAME_OUT, 40         /* and the next: for one LDRD */
    .equ FRAME_A_END, 44
    .equ FRAME_ADVANCE, 48     /* from the end of a tile to the next one */
    .equ FRAME_FINISH, 52      /* address of what writes a tile */
    .equ FRAME_LEFT, 56        /* passes left of a tile, where there are more than three */
    .equ FRAME_PASSES, 60
    .equ FRAME_SHIFT_LEFT, 64  /* 4 words each: left shifts; bounds in 8 lanes */
    .equ FRAME_LOW, 80
    .equ FRAME_HIGH, 96
    .equ FRAME_BLOCK, 112      /* the parameters */
    .equ FRAME_BIAS, 116       /* of the next block; and the next: for one LDRD */
    .equ FRAME_MULTIPLIER, 120
    .equ FRAME_SHIFT, 124      /* and the next */
    .equ FRAME_CHANNELS, 128   /* channels left, 0 or less with the last block */
    .equ FRAME_BYTES, 136

    .equ CHUNK_BYTES, 14 * 4
    .equ CHUNKS, 12

    .macro MULTIPLY_ACCUMULATE
    vldrb.8 q2, [r5], #16
    vmladava.s8 r0, q0, q2
    vmladava.s8 r8, q1, q2
    vldrb.8 q2, [r5], #16
    vmladava.s8 r2, q0, q2
    vmladava.s8 r10, q1, q2
    vldrb.8 q2, [r5], #16
    vmladava.s8 r4, q0, q2
    vmladava.s8 r12, q1, q2
    vldrb.8 q2, [r5], #16
    vmladava.s8 r6, q0, q2
    vmladava.s8 lr, q1, q2
    .endm

    .macro COLLECT_SUMS
    vmov q0[2], q0[0], r0, r4
    vmov q0[3], q0[1], r2, r6
    vmov q1[2], q1[0], r8, r12
    vmov q1[3], q1[1], r10, lr
    .endm

    .macro REQUANTIZE
    vqrdmulh.s32 q0, q0, q3
    vqrdmulh.s32 q1, q1, q3
    vrshl.s32 q0, q0, q4
    vrshl.s32 q1, q1, q4
    .endm

/* Rounding shifts to the right of q0 and q1 whose ties go away from zero. VRSHL's go up: from a negative number one is
 * subtracted before, unless it is not shifted at all. */
    .macro ROUND_NEGATIVE_ALWAYS
    vshr.s32 q2, q0, #31
    vadd.i32 q0, q0, q2
    vshr.s32 q2, q1, #31
    vadd.i32 q1, q1, q2
    .endm

    .macro ROUND_NEGATIVE_IF_SHIFTED
    vand q2, q0, q4
    vshr.s32 q2, q2, #31
    vadd.i32 q0, q0, q2
    vand q2, q1, q4
    vshr.s32 q2, q2, #31
    vadd.i32 q1, q1, q2
    .endm

/* To 16 bits, A and B taking turns, and the zero point added; all with saturation. */
    .macro NARROW
    vqmovnb.s32 q0, q0
    vqmovnt.s32 q0, q1
    vqadd.s16 q0, q0, q5
    .endm

/* q0's low bytes are stored; r2 becomes the end of pixels A. */
    .macro STORE
    ldrd r0, r2, [sp, #FRAME_OUT]
    vstrb.16 q0, [r0, q6]
    vadd.i16 q6, q6, q7
    .endm

    .macro ADVANCE
    ldr r0, [sp, #FRAME_ADVANCE]
    add r1, r0
    add r3, r0
    .endm

    .text

/* void tk_mve_block_run(const tk_mve_block *block) */
    .global tk_mve_block_run
    .type tk_mve_block_run, %function
    .thumb_func
    .balign 4
tk_mve_block_run:
    push {r4-r11, lr}
    vpush {d8-d15}
    sub sp, #FRAME_BYTES

    str r0, [sp, #FRAME_BLOCK]
    ldrd r8, r5, [r0, #BLOCK_A_END]
    ldrd r2, r4, [r0, #BLOCK_BIAS]
    ldrd r6, r7, [r0, #BLOCK_SHIFT]
    strd r7, r8, [sp, #FRAME_OUT]
    strd r2, r4, [sp, #FRAME_BIAS]
    ldr r8, [r0, #BLOCK_CHANNELS]
    strd r6, r8, [sp, #FRAME_SHIFT]
    ldrd r2, r4, [r0, #BLOCK_STEP]
    vdup.16 q7, r2
    vdup.16 q5, r4
    ldrd r2, r4, [r0, #BLOCK_LOW]
    vdup.16 q0, r2
    vstrw.32 q0, [sp, #FRAME_LOW]
    vdup.16 q0, r4
    vstrw.32 q0, [sp, #FRAME_HIGH]
    ldrd r4, r11, [r0, #BLOCK_ADVANCE]
    str r4, [sp, #FRAME_ADVANCE]
    ldrd r6, r7, [r0, #BLOCK_PASSES]

    /* What writes a tile. */
    ldr r3, [r0, #BLOCK_FINISH]
    adr r2, finish_any
    cmp r3, #1
    bhi 1f
    adr r2, finish_linear
    beq 1f
    adr r2, finish_contiguous
    cbz r4, 1f
    adr r2, finish_saturated
1:  orr r2, r2, #1
    str r2, [sp, #FRAME_FINISH]

    /* Where passes enter and what they do then. */
    adr r8, chunks_end
    mov r10, #CHUNK_BYTES
    mls r7, r7, r10, r8
    orr r7, r7, #1
    ldr r4, [r0, #BLOCK_TAIL]
    cbz r4, 2f
    vctp.8 r4
    adr r2, tail
2:  subs r6, #1
    beq 3f
    strd r6, r6, [sp, #FRAME_LEFT]
    adr r2, last_pass
    cmp r6, #2
    blo 3f
    adr r2, last_pass_but_one
    beq 3f
    adr r2, many_passes
3:  orr r2, r2, #1
    str r2, [sp, #FRAME_AFTER]

/* The next four channels: r5 has come to their filters. */
next_block:
    ldr r0, [sp, #FRAME_BLOCK]
    ldrd r2, r4, [sp, #FRAME_BIAS]
    ldrd r6, r8, [sp, #FRAME_SHIFT]
    ldm r2!, {r9, r10, r12, lr}
    vldrw.32 q3, [r4], #16
    vldrb.s32 q4, [r6], #4
    strd r2, r4, [sp, #FRAME_BIAS]
    strd r9, r10, [sp, #FRAME_START]
    strd r12, r5, [sp, #(FRAME_START + 8)]
    strd lr, r9, [sp, #(FRAME_START + 16)]
    strd r10, r12, [sp, #(FRAME_START + 28)]
    str lr, [sp, #(FRAME_START + 36)]
    vldrh.16 q6, [r0, #BLOCK_OFFSETS]
    subs r8, #4
    bpl 1f
    vldrh.16 q6, [r0, #BLOCK_LAST_OFFSETS]
1:  strd r6, r8, [sp, #FRAME_SHIFT]
    ldrd r1, r3, [r0, #BLOCK_A]
    ldr r2, [r0, #BLOCK_FINISH]
    cmp r2, #2
    bne tile
    /* positive shifts go to the left before the product, the others to the right after it */
    vmov.i32 q0, #0
    vmax.s32 q1, q4, q0
    vstrw.32 q1, [sp, #FRAME_SHIFT_LEFT]
    vmin.s32 q4, q4, q0
    b tile

/* Ways to write a tile. Each ends with the next tile or with the next block.
 *
 * Outputs that saturate at the zero point's end of the range, and the next tile's pixels follow this tile's: */
    .balign 4
finish_contiguous:
    COLLECT_SUMS
    REQUANTIZE
    NARROW
    vqmovnb.s16 q0, q0
    STORE
    cmp r1, r2
    bne tile
    b done

/* The same, but the pixels do not follow. */
    .balign 4
finish_saturated:
    COLLECT_SUMS
    REQUANTIZE
    NARROW
    vqmovnb.s16 q0, q0
    STORE
    ADVANCE
    cmp r1, r2
    bne tile
    b done

/* Outputs on both sides of the zero point; all channels are shifted to the right. */
    .balign 4
finish_linear:
    COLLECT_SUMS
    vqrdmulh.s32 q0, q0, q3
    vqrdmulh.s32 q1, q1, q3
    ROUND_NEGATIVE_ALWAYS
    vrshl.s32 q0, q0, q4
    vrshl.s32 q1, q1, q4
    NARROW
    vqmovnb.s16 q0, q0
    STORE
    ADVANCE
    cmp r1, r2
    bne tile
    b done

/* Shifts to both sides, any bounds. */
    .balign 4
finish_any:
    COLLECT_SUMS
    vldrw.32 q2, [sp, #FRAME_SHIFT_LEFT]
    vshl.s32 q0, q0, q2
    vshl.s32 q1, q1, q2
    vqrdmulh.s32 q0, q0, q3
    vqrdmulh.s32 q1, q1, q3
    ROUND_NEGATIVE_IF_SHIFTED
    vrshl.s32 q0, q0, q4
    vrshl.s32 q1, q1, q4
    NARROW
    vldrw.32 q2, [sp, #FRAME_LOW]
    vmax.s16 q0, q0, q2
    vldrw.32 q2, [sp, #FRAME_HIGH]
    vmin.s16 q0, q0, q2
    STORE
    ADVANCE
    cmp r1, r2
    bne tile
done:
    ldr r0, [sp, #FRAME_CHANNELS]
    ldr r2, [sp, #FRAME_OUT]
    cmp r0, #1
    add r2, r2, #4
    str r2, [sp, #FRAME_OUT]
    bge next_block
    add sp, #FRAME_BYTES
    vpop {d8-d15}
    pop {r4-r11, pc}

/* What comes after the chunks of a pass, where a tile takes several: the next pass. */
    .balign 4
many_passes:
    ldr r9, [sp, #FRAME_LEFT]
    subs r9, #1
    str r9, [sp, #FRAME_LEFT]
    bne 1f
    ldr r9, [sp, #FRAME_PASSES] /* for the next tile */
    str r9, [sp, #FRAME_LEFT]
    b last_pass
1:  add r1, r11
    add r3, r11
    adr r9, many_passes + 1
    bx r7

    .balign 4
last_pass_but_one:
    add r1, r11
    add r3, r11
    adr r9, last_pass + 1
    bx r7

    .balign 4
last_pass:
    add r1, r11
    add r3, r11
    ldr r9, [sp, #FRAME_FINISH]
    bx r7

/* What is left of a pixel after its chunks; lanes behind it read as 0. */
    .balign 4
tail:
    vpstt
    vldrbt.u8 q0, [r1]
    vldrbt.u8 q1, [r3]
    MULTIPLY_ACCUMULATE
    ldr pc, [sp, #FRAME_FINISH]

/* One tile: biases, then as many of the chunks as r7 says. */
    .balign 4
tile:
    ldm sp, {r0, r2, r4, r5, r6, r8, r9, r10, r12, lr}
    bx r7

    .balign 4
    .rept CHUNKS
    vldrb.8 q0, [r1], #16
    vldrb.8 q1, [r3], #16
    MULTIPLY_ACCUMULATE
    .endr
chunks_end:
    bx r9
    .size tk_mve_block_run, . - tk_mve_block_run
