/* A window over images of one channel each, for cores with Helium: see tk_mve_taps.h.
 *
 * A tile is four outputs. One load gathers all that their windows read, up to 16 bytes, or two loads what two of them
 * read; a VMLADAV for each output sums its products, with weights of 0 in the lanes that it does not read. Two tiles are
 * requantized together.
 *
 *     r0 r2 r4 r6   sums of a tile
 *     r1, r3        where the windows of tiles A and B begin
 *     r5            tiles
 *     r7            where their outputs go: offsets in both halves
 *     r8, r9, r10   bias, multiplier, shift (negative) of the channel
 *     r11, r12      output and image of the channel
 *     lr            pairs of tiles left
 *     q0 to q3      weights of each output; of two loads q0, q1, and q2 the second one's offsets
 *     q4            offsets that a load gathers
 *     q5            where outputs of a tile go: 8 offsets, A and B taking turns
 *     q6, q7        tile A, tile B
 */
    .syntax unified
    .thumb

/* Fields of tk_mve_taps. */
    .equ TAPS_PLANES, 0
    .equ TAPS_PLANE_BYTES, 4
    .equ TAPS_WEIGHTS, 8
    .equ TAPS_WEIGHTS_STEP, 12
    .equ TAPS_BIAS, 16
    .equ TAPS_MULTIPLIER, 20
    .equ TAPS_SHIFT, 24
    .equ TAPS_OUT, 28
    .equ TAPS_TILES, 32
    .equ TAPS_PAIRS, 36
    .equ TAPS_CHANNELS, 40
    .equ TAPS_LANES, 44
    .equ TAPS_LOADS, 48
    .equ TAPS_SATURATED, 52
    .equ TAPS_ZERO_POINT, 56
    .equ TAPS_LOW, 60
    .equ TAPS_HIGH, 64

/* Rows of lanes, 16 bytes each. */
    .equ LANES_LOAD, 0
    .equ LANES_WEIGHTS, 16       /* four; of two loads two, then the second load's offsets */
    .equ LANES_SECOND_LOAD, 48
    .equ LANES_OUT, 80

    .equ FRAME_ZERO_POINT, 0
    .equ FRAME_SHIFT_LEFT, 4   /* and the next: for one LDRD */
    .equ FRAME_IS_SHIFTED, 8   /* 1 where the channel is shifted to the right, else 0 */
    .equ FRAME_CHANNEL, 12     /* channels done */
    .equ FRAME_TAPS, 16        /* the parameters */
    .equ FRAME_LOW, 32         /* 8 lanes each */
    .equ FRAME_HIGH, 48
    .equ FRAME_OUT, 64
    .equ FRAME_BYTES, 80

    .macro SUMS_OF_ONE_LOAD begin, to
    vldrb.u8 \to, [\begin, q4]
    vmladav.s8 r0, \to, q0
    vmladav.s8 r2, \to, q1
    vmladav.s8 r4, \to, q2
    vmladav.s8 r6, \to, q3
    .endm

    .macro SUMS_OF_TWO_LOADS begin, to
    vldrb.u8 \to, [\begin, q4]
    vmladav.s8 r0, \to, q0
    vmladav.s8 r2, \to, q1
    vldrb.u8 \to, [\begin, q2]
    vmladav.s8 r4, \to, q0
    vmladav.s8 r6, \to, q1
    .endm

    .macro TWO_TILES sums
    ldm r5!, {r1, r3, r7}
    add r1, r12
    add r3, r12
    \sums r1, q6
    vmov q6[2], q6[0], r0, r4
    vmov q6[3], q6[1], r2, r6
    \sums r3, q7
    vmov q7[2], q7[0], r0, r4
    vmov q7[3], q7[1], r2, r6
    vadd.i32 q6, q6, r8
    vadd.i32 q7, q7, r8
    .endm

/* To 16 bits, A and B taking turns, and the zero point added; all with saturation. */
    .macro NARROW
    ldr r0, [sp, #FRAME_ZERO_POINT]
    vqmovnb.s32 q6, q6
    vqmovnt.s32 q6, q7
    vqadd.s16 q6, q6, r0
    .endm

    .macro STORE_LOW_BYTES
    vadd.i32 q7, q5, r7
    vstrb.16 q6, [r11, q7]
    .endm

/* VRSHL rounds halves up, which makes no difference where all negative numbers give the same output. */
    .macro LOOP_SATURATED sums
1:  TWO_TILES \sums
    vqrdmulh.s32 q6, q6, r9
    vqrdmulh.s32 q7, q7, r9
    vrshl.s32 q6, r10
    vrshl.s32 q7, r10
    NARROW
    vqmovnb.s16 q6, q6
    STORE_LOW_BYTES
    le lr, 1b
    b next_channel
    .endm

/* From negative numbers one is subtracted before a shift to the right, so that halves are rounded away from zero. */
    .macro LOOP_ANY sums
1:  TWO_TILES \sums
    ldrd r0, r2, [sp, #FRAME_SHIFT_LEFT]
    vshl.s32 q6, r0
    vshl.s32 q7, r0
    vqrdmulh.s32 q6, q6, r9
    vqrdmulh.s32 q7, q7, r9
    vshr.s32 q5, q6, #31
    vmla.s32 q6, q5, r2
    vshr.s32 q5, q7, #31
    vmla.s32 q7, q5, r2
    vrshl.s32 q6, r10
    vrshl.s32 q7, r10
    NARROW
    vldrw.32 q5, [sp, #FRAME_LOW]
    vmax.s16 q6, q6, q5
    vldrw.32 q5, [sp, #FRAME_HIGH]
    vmin.s16 q6, q6, q5
    vldrw.32 q5, [sp, #FRAME_OUT]
    STORE_LOW_BYTES
    le lr, 1b
    b next_channel
    .endm

    .text

/* void tk_mve_taps_run(const tk_mve_taps *taps) */
    .global tk_mve_taps_run
    .type tk_mve_taps_run, %function
    .thumb_func
    .balign 4
tk_mve_taps_run:
    push {r4-r11, lr}
    vpush {d8-d15}
    sub sp, #FRAME_BYTES
    str r0, [sp, #FRAME_TAPS]
    ldr r1, [r0, #TAPS_ZERO_POINT]
    str r1, [sp, #FRAME_ZERO_POINT]
    ldrd r1, r2, [r0, #TAPS_LOW]
    vdup.16 q6, r1
    vstrw.32 q6, [sp, #FRAME_LOW]
    vdup.16 q6, r2
    vstrw.32 q6, [sp, #FRAME_HIGH]
    ldr r1, [r0, #TAPS_LANES]
    vldrb.8 q5, [r1, #LANES_OUT]
    vstrw.32 q5, [sp, #FRAME_OUT]
    vldrb.8 q4, [r1, #LANES_LOAD]
    ldrd r12, r2, [r0, #TAPS_PLANES]
    ldr r11, [r0, #TAPS_OUT]
    movs r2, #0

/* r0: the parameters, r2: the channel's number; r11, r12: its output and image. */
channel:
    str r2, [sp, #FRAME_CHANNEL]
    ldrd r4, r5, [r0, #TAPS_WEIGHTS]
    mla r4, r2, r5, r4
    ldr r1, [r0, #TAPS_LANES]
    vldrb.8 q6, [r1, #LANES_WEIGHTS]
    vldrb.u8 q0, [r4, q6]
    vldrb.8 q6, [r1, #(LANES_WEIGHTS + 16)]
    vldrb.u8 q1, [r4, q6]
    ldrd r6, r7, [r0, #TAPS_BIAS]
    ldr r8, [r6, r2, lsl #2]
    ldr r9, [r7, r2, lsl #2]
    ldr r3, [r0, #TAPS_SHIFT]
    ldrsb r10, [r3, r2]
    ldrd r5, r6, [r0, #TAPS_TILES]
    dls lr, r6
    ldrd r6, r7, [r0, #TAPS_LOADS]
    cmp r6, #2
    beq 2f
    vldrb.8 q6, [r1, #(LANES_WEIGHTS + 32)]
    vldrb.u8 q2, [r4, q6]
    vldrb.8 q6, [r1, #(LANES_WEIGHTS + 48)]
    vldrb.u8 q3, [r4, q6]
    b 3f
2:  vldrb.8 q2, [r1, #LANES_SECOND_LOAD]
3:  cbnz r7, saturated

    /* A shift to the left comes before the product, one to the right after it. */
    bic r0, r10, r10, asr #31
    and r10, r10, r10, asr #31
    lsr r2, r10, #31
    strd r0, r2, [sp, #FRAME_SHIFT_LEFT]
    cmp r6, #2
    beq two_loads_any
    b one_load_any

saturated:
    cmp r6, #2
    beq two_loads_saturated
one_load_saturated:
    LOOP_SATURATED SUMS_OF_ONE_LOAD
two_loads_saturated:
    LOOP_SATURATED SUMS_OF_TWO_LOADS
one_load_any:
    LOOP_ANY SUMS_OF_ONE_LOAD
two_loads_any:
    LOOP_ANY SUMS_OF_TWO_LOADS

next_channel:
    ldr r0, [sp, #FRAME_TAPS]
    ldr r2, [sp, #FRAME_CHANNEL]
    ldr r1, [r0, #TAPS_PLANE_BYTES]
    ldr r3, [r0, #TAPS_CHANNELS]
    add r12, r1
    add r11, #1
    add r2, #1
    cmp r2, r3
    bne channel
    add sp, #FRAME_BYTES
    vpop {d8-d15}
    pop {r4-r11, pc}
    .size tk_mve_taps_run, . - tk_mve_taps_run

/* void tk_mve_taps_split(const tk_mve_split *split): eight bytes of a pixel at a time are scattered. */
    .equ SPLIT_PLANES, 0
    .equ SPLIT_IN, 4
    .equ SPLIT_ROWS, 8
    .equ SPLIT_COLUMNS, 12
    .equ SPLIT_STEP, 16
    .equ SPLIT_PLANE_BYTES, 20
    .equ SPLIT_PLANES_GAP, 24
    .equ SPLIT_IN_GAP, 28
    .equ SPLIT_CHANNELS, 32

    .global tk_mve_taps_split
    .type tk_mve_taps_split, %function
    .thumb_func
    .balign 4
tk_mve_taps_split:
    push {r4-r8, lr}
    mov r12, r0
    ldrd r0, r1, [r12, #SPLIT_PLANES]
    ldrd r2, r4, [r12, #SPLIT_ROWS]
    ldrd r3, r5, [r12, #SPLIT_STEP]
    ldrd r6, r7, [r12, #SPLIT_PLANES_GAP]
    ldr r8, [r12, #SPLIT_CHANNELS]
    movs r12, #0
    vidup.u16 q1, r12, #1
    vmul.i16 q1, q1, r5
    vctp.16 r8
    cmp r8, #8
    blo few_channels
1:  dls lr, r4
2:  vldrb.u16 q0, [r1]
    vstrb.16 q0, [r0, q1]
    add r0, #1
    add r1, r3
    le lr, 2b
    add r0, r6
    add r1, r7
    subs r2, #1
    bne 1b
    pop {r4-r8, pc}
few_channels:
    dls lr, r4
3:  vpstt
    vldrbt.u16 q0, [r1]
    vstrbt.16 q0, [r0, q1]
    add r0, #1
    add r1, r3
    le lr, 3b
    add r0, r6
    add r1, r7
    subs r2, #1
    bne few_channels
    pop {r4-r8, pc}
    .size tk_mve_taps_split, . - tk_mve_taps_split
