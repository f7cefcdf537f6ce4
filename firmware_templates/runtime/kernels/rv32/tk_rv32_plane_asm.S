/* One channel of a depthwise convolution, two products in each multiplication.
 *
 * The upper and the lower half of the output's rows are computed together: a word of the plane holds an input for the
 * upper and one for the lower half, and their products with a weight are summed up as in tk_rv32_tile_asm.S.
 */
#include "tk_rv32_output.h"

#define PACKING_IN 0 /* offsets in tk_rv32_packing */
#define PACKING_PLANE 4
#define PACKING_PLANE_ROW 8
#define PACKING_ROWS 12
#define PACKING_COLUMNS 16
#define PACKING_IN_X 20
#define PACKING_IN_Y 24
#define PACKING_IN_H 28
#define PACKING_UPPER 32
#define PACKING_LOWER 36
#define PACKING_BORDER 40

    .text
    .align 2

/* One element of both halves: t0 from, t1 step of the upper; t2 from, t3 step of the lower half. */
.macro PACK to
    lb      t5, 0(t0)
    lb      t6, 0(t2)
    add     t0, t0, t1
    add     t2, t2, t3
    slli    t6, t6, 16
    add     t5, t5, t6
    sw      t5, \to(t4)
.endm

/* Registers: a0 packing, a1 row of the plane, a2 rows left, a3 and a4 rows of the image, a5 and a6 their numbers,
 * a7 bytes to pack in a row; t4 plane; t0 to t3, t5, t6 as above. */
    .globl tk_rv32_plane_pack
    .type tk_rv32_plane_pack, @function
tk_rv32_plane_pack:
    lw      t0, PACKING_IN(a0)
    lw      t1, PACKING_IN_Y(a0)
    lw      a5, PACKING_UPPER(a0)
    lw      a6, PACKING_LOWER(a0)
    lw      a1, PACKING_PLANE(a0)
    lw      a2, PACKING_ROWS(a0)
    lw      a7, PACKING_COLUMNS(a0)
    mul     a3, a5, t1
    mul     a4, a6, t1
    slli    a7, a7, 2
    add     a3, a3, t0
    add     a4, a4, t0
.Lpack_row:
    lw      t4, PACKING_IN_H(a0)
    lw      t1, PACKING_IN_X(a0)
    mv      t0, a3
    mv      t2, a4
    mv      t3, t1
    bltu    a5, t4, 1f
    lw      t0, PACKING_BORDER(a0)
    li      t1, 0
1:  bltu    a6, t4, 1f
    lw      t2, PACKING_BORDER(a0)
    li      t3, 0
1:  mv      t4, a1
    andi    t5, a7, 4
    add     t6, a1, a7
    mv      a1, t6 /* the end of this row, for now */
    beqz    t5, 2f
    addi    t4, t4, -4 /* an odd number: begin with the second half of the loop */
    j       3f
2:  PACK 0
3:  PACK 4
    addi    t4, t4, 8
    bne     t4, a1, 2b
    lw      t4, PACKING_PLANE_ROW(a0)
    lw      t5, PACKING_IN_Y(a0)
    sub     a1, a1, a7
    add     a1, a1, t4
    add     a3, a3, t5
    add     a4, a4, t5
    addi    a5, a5, 1
    addi    a6, a6, 1
    addi    a2, a2, -1
    bnez    a2, .Lpack_row
    ret
    .size tk_rv32_plane_pack, .-tk_rv32_plane_pack

#define PLANE 0 /* offsets in tk_rv32_filter */
#define PLANE_ROW 4
#define WEIGHTS 8
#define CONSTANTS 12
#define OUT 16
#define OUT_X 20
#define OUT_Y 24
#define OUT_LOWER 28
#define LAST 32
#define ROWS 36
#define NEXT_ROW 40
#define LOW 44
#define HIGH 48
#define ROUNDED 52
#define WAY 56
#define WINDOW_W 60
#define WINDOW_H 64

#define SAVED_FILTER 52 /* offsets in the stack frame, above saved registers */
#define SAVED_BEGIN 56  /* what sums begin with */
#define SAVED_SUM 60    /* code that sums up */
#define SAVED_FINISH 64 /* code that makes outputs */
#define SAVED_OUT_X 68
#define SAVED_OUT_LOWER 72
#define SAVED_LOW 76
#define SAVED_HIGH 80
#define SAVED_ROWS 84 /* that are left */
#define SAVED_ROW_IN 88
#define SAVED_ROW_OUT 92
#define FRAME 96

/* Two outputs of each half are computed together: this one and its neighbour to the right; the last one of an odd number
 * is alone with a 3x3 window, otherwise it is the neighbour of the one before. Registers:
 *
 *   s0 to s8   weights of a 3x3 window          a1  plane              t0  output
 *   s9, s10    all and high of this output      a2  bytes of its rows  t1  where the last output of the row is
 *   s11, ra    all and high of its neighbour    a3 multiplier, a4 after, a5 shift
 *   a6         32768                            a0, a7, t2 to t6  free
 */

/* x into the sums of this output or its neighbour. */
.macro INTO all, high, x
    add     \all, \all, \x
    add     \x, \x, a6
    srai    \x, \x, 16
    add     \high, \high, \x
.endm
.macro HERE x
    INTO s9, s10, \x
.endm
.macro RIGHT x
    INTO s11, ra, \x
.endm

.macro THREE in0, in1, in2, weight0, weight1, weight2, x, free
    mul     \x, \in0, \weight0
    mul     \free, \in1, \weight1
    add     \x, \x, \free
    mul     \free, \in2, \weight2
    add     \x, \x, \free
.endm

.macro TWO in0, in1, weight0, weight1, x, free
    mul     \x, \in0, \weight0
    mul     \free, \in1, \weight1
    add     \x, \x, \free
.endm

/* A row of weights that is summed up at once. */
.macro ROW_OF_THREE weight0, weight1, weight2
    lw      t3, 0(a1)
    lw      t4, 4(a1)
    lw      t5, 8(a1)
    lw      t6, 12(a1)
    THREE   t3, t4, t5, \weight0, \weight1, \weight2, a7, a0
    THREE   t4, t5, t6, \weight0, \weight1, \weight2, t2, a0
    HERE    a7
    RIGHT   t2
.endm

/* 3x3 by two weights at a time: 0 and 1, 2 and 3, 4 and 5, 6 and 7, 8. `next` is bytes to the neighbour's inputs. */
.macro TWO_BY_TWO next
    lw      t3, 0(a1)
    lw      t4, 4(a1)
    TWO     t3, t4, s0, s1, a7, a0
    HERE    a7
    lw      t5, 8(a1)
    lw      t3, \next(a1)
    lw      t4, \next+4(a1)
    lw      t6, \next+8(a1)
    TWO     t3, t4, s0, s1, a7, a0
    RIGHT   a7
    add     a1, a1, a2
    mul     t5, t5, s2
    mul     t6, t6, s2
    lw      t3, 0(a1)
    lw      t4, \next(a1)
    mul     t3, t3, s3
    mul     t4, t4, s3
    add     t5, t5, t3
    add     t6, t6, t4
    HERE    t5
    RIGHT   t6
    lw      t3, 4(a1)
    lw      t4, 8(a1)
    lw      t5, \next+4(a1)
    lw      t6, \next+8(a1)
    TWO     t3, t4, s4, s5, a7, a0
    HERE    a7
    TWO     t5, t6, s4, s5, a7, a0
    RIGHT   a7
    add     a1, a1, a2
    lw      t3, 0(a1)
    lw      t4, 4(a1)
    lw      t5, \next(a1)
    lw      t6, \next+4(a1)
    TWO     t3, t4, s6, s7, a7, a0
    HERE    a7
    TWO     t5, t6, s6, s7, a7, a0
    RIGHT   a7
    lw      t3, 8(a1)
    lw      t5, \next+8(a1)
    mul     t3, t3, s8
    mul     t5, t5, s8
    HERE    t3
    RIGHT   t5
    sub     a1, a1, a2
    sub     a1, a1, a2
    addi    a1, a1, 2*\next
.endm

/* The same without a neighbour. */
.macro ONE_BY_TWO
    lw      t3, 0(a1)
    lw      t4, 4(a1)
    TWO     t3, t4, s0, s1, a7, a0
    HERE    a7
    lw      t5, 8(a1)
    add     a1, a1, a2
    lw      t3, 0(a1)
    mul     t5, t5, s2
    mul     t3, t3, s3
    add     t5, t5, t3
    HERE    t5
    lw      t3, 4(a1)
    lw      t4, 8(a1)
    TWO     t3, t4, s4, s5, a7, a0
    HERE    a7
    add     a1, a1, a2
    lw      t3, 0(a1)
    lw      t4, 4(a1)
    TWO     t3, t4, s6, s7, a7, a0
    HERE    a7
    lw      t3, 8(a1)
    mul     t3, t3, s8
    HERE    t3
.endm

/* Any window. s0 weights, s1 their end in this row, s2 inputs, s3 rows left; s4 weights, s5 width, s6 height. */
.macro ANY_WINDOW next
    mv      s0, s4
    mv      s3, s6
    mv      t2, a1
1:  mv      s2, t2
    add     s1, s0, s5
2:  lb      a0, 0(s0)
    lb      a7, 1(s0)
    lw      t3, 0(s2)
    lw      t4, 4(s2)
    lw      t5, \next(s2)
    lw      t6, \next+4(s2)
    mul     t3, t3, a0
    mul     t4, t4, a7
    mul     t5, t5, a0
    mul     t6, t6, a7
    add     t3, t3, t4
    add     t5, t5, t6
    HERE    t3
    RIGHT   t5
    addi    s0, s0, 2
    addi    s2, s2, 8
    bne     s0, s1, 2b
    add     t2, t2, a2
    addi    s3, s3, -1
    bnez    s3, 1b
    addi    a1, a1, 2*\next
.endm

.macro FINISH
    lw      t2, SAVED_FINISH(sp)
    jr      t2
.endm

/* Bounds t3 and t4; addresses t5 of the neighbour, t6 and a7 of both in the lower half. */
.macro ADDRESSES
    lw      t2, SAVED_OUT_X(sp)
    lw      a7, SAVED_OUT_LOWER(sp)
    lw      t3, SAVED_LOW(sp)
    lw      t4, SAVED_HIGH(sp)
    add     t5, t0, t2
    add     t6, t0, a7
    add     a7, t5, a7
.endm

/* The low half of what was summed up, into `all`. */
.macro SPLIT all, high
    slli    a0, \high, 16
    sub     \all, \all, a0
.endm

    .globl tk_rv32_plane_filter
    .type tk_rv32_plane_filter, @function
tk_rv32_plane_filter:
    addi    sp, sp, -FRAME
    sw      s0, 0(sp)
    sw      s1, 4(sp)
    sw      s2, 8(sp)
    sw      s3, 12(sp)
    sw      s4, 16(sp)
    sw      s5, 20(sp)
    sw      s6, 24(sp)
    sw      s7, 28(sp)
    sw      s8, 32(sp)
    sw      s9, 36(sp)
    sw      s10, 40(sp)
    sw      s11, 44(sp)
    sw      ra, 48(sp)
    sw      a0, SAVED_FILTER(sp)
    lw      t0, OUT_X(a0)
    lw      t1, OUT_LOWER(a0)
    lw      t2, LOW(a0)
    lw      t3, HIGH(a0)
    lw      t4, ROWS(a0)
    lw      t5, PLANE(a0)
    lw      t6, OUT(a0)
    sw      t0, SAVED_OUT_X(sp)
    sw      t1, SAVED_OUT_LOWER(sp)
    sw      t2, SAVED_LOW(sp)
    sw      t3, SAVED_HIGH(sp)
    sw      t4, SAVED_ROWS(sp)
    sw      t5, SAVED_ROW_IN(sp)
    sw      t6, SAVED_ROW_OUT(sp)
    lw      t0, CONSTANTS(a0)
    lw      t1, ROUNDED(a0)
    lw      t2, WEIGHTS(a0)
    lw      t3, WAY(a0)
    lw      a2, PLANE_ROW(a0)
    lw      t4, 0(t0)
    lw      a3, 4(t0)
    lw      a5, 8(t0)
    sw      t4, SAVED_BEGIN(sp)
    srai    a4, a5, 5
    lui     a6, 8 /* 32768 */
    lla     t4, .Lfloor
    beqz    t1, 1f
    lla     t4, .Lround
1:  sw      t4, SAVED_FINISH(sp)

    /* The weights, and the code for them. */
    addi    t4, t3, -3 /* TK_RV32_ANY */
    bltz    t4, 2f
    mv      s4, t2
    lw      s5, WINDOW_W(a0)
    lw      s6, WINDOW_H(a0)
    lla     t5, .Lany
    beqz    t4, 3f
    lla     t5, .Lany_by_2
    j       3f
2:  lb      s0, 0(t2)
    lb      s1, 1(t2)
    lb      s2, 2(t2)
    lb      s3, 3(t2)
    lb      s4, 4(t2)
    lb      s5, 5(t2)
    lb      s6, 6(t2)
    lb      s7, 7(t2)
    lb      s8, 8(t2)
    lla     t5, .Lthree_by_three
    beqz    t3, 3f
    addi    t3, t3, -1 /* TK_RV32_3X3_ANY */
    lla     t5, .Ltwo_by_two
    beqz    t3, 3f
    lla     t5, .Ltwo_by_two_by_2
3:  sw      t5, SAVED_SUM(sp)

.Lrow:
    lw      t1, SAVED_FILTER(sp)
    lw      a1, SAVED_ROW_IN(sp)
    lw      t0, SAVED_ROW_OUT(sp)
    lw      t1, LAST(t1)
    add     t1, t1, t0
.Louts:
    lw      s10, SAVED_BEGIN(sp)
    lw      t2, SAVED_SUM(sp)
    slli    s9, s10, 16
    mv      ra, s10
    add     s9, s9, s10
    mv      s11, s9
    jr      t2

.Lthree_by_three:
    ROW_OF_THREE s0, s1, s2
    add     a1, a1, a2
    ROW_OF_THREE s3, s4, s5
    add     a1, a1, a2
    ROW_OF_THREE s6, s7, s8
    sub     a1, a1, a2
    sub     a1, a1, a2
    addi    a1, a1, 8
    FINISH

.Ltwo_by_two:
    TWO_BY_TWO 4
    FINISH

.Ltwo_by_two_by_2:
    TWO_BY_TWO 8
    FINISH

.Lany:
    ANY_WINDOW 4
    FINISH

.Lany_by_2:
    ANY_WINDOW 8
    FINISH

.Lround:
    SPLIT   s9, s10
    SPLIT   s11, ra
    TK_ROUND s11, a3, a4, a5, t2
    TK_ROUND ra, a3, a4, a5, t2
    TK_ROUND s9, a3, a4, a5, t2
    TK_ROUND s10, a3, a4, a5, t2
    j       .Lstore
.Lfloor:
    SPLIT   s9, s10
    SPLIT   s11, ra
    TK_FLOOR s11, a3, a4, a5
    TK_FLOOR ra, a3, a4, a5
    TK_FLOOR s9, a3, a4, a5
    TK_FLOOR s10, a3, a4, a5
.Lstore: /* the neighbour first: it is at the same place when there is none */
    ADDRESSES
    TK_CLAMP_AND_STORE s11, t3, t4, 0, t5
    TK_CLAMP_AND_STORE ra, t3, t4, 0, a7
    TK_CLAMP_AND_STORE s9, t3, t4, 0, t0
    TK_CLAMP_AND_STORE s10, t3, t4, 0, t6
    add     t0, t5, t2
    bltu    t0, t1, .Louts
    bne     t0, t1, .Lrow_done
    lw      a7, SAVED_FILTER(sp)
    lw      a0, WAY(a7)
    addi    a0, a0, -3 /* TK_RV32_ANY */
    bltz    a0, .Lone_left
    /* One is left: go back so that two are. */
    sub     t0, t0, t2
    addi    a1, a1, -4
    beqz    a0, .Louts
    addi    a1, a1, -4
    j       .Louts

.Lone_left:
    lw      s10, SAVED_BEGIN(sp)
    lw      t2, ROUNDED(a7)
    slli    s9, s10, 16
    add     s9, s9, s10
    ONE_BY_TWO
    SPLIT   s9, s10
    lw      t6, SAVED_OUT_LOWER(sp)
    lw      t3, SAVED_LOW(sp)
    lw      t4, SAVED_HIGH(sp)
    add     t6, t6, t0
    beqz    t2, 1f
    TK_ROUND s9, a3, a4, a5, t2
    TK_ROUND s10, a3, a4, a5, t2
    j       2f
1:  TK_FLOOR s9, a3, a4, a5
    TK_FLOOR s10, a3, a4, a5
2:  TK_CLAMP_AND_STORE s9, t3, t4, 0, t0
    TK_CLAMP_AND_STORE s10, t3, t4, 0, t6

.Lrow_done:
    lw      a0, SAVED_FILTER(sp)
    lw      t4, SAVED_ROWS(sp)
    lw      t5, SAVED_ROW_IN(sp)
    lw      t6, SAVED_ROW_OUT(sp)
    lw      t2, NEXT_ROW(a0)
    lw      t3, OUT_Y(a0)
    addi    t4, t4, -1
    add     t5, t5, t2
    add     t6, t6, t3
    sw      t4, SAVED_ROWS(sp)
    sw      t5, SAVED_ROW_IN(sp)
    sw      t6, SAVED_ROW_OUT(sp)
    bnez    t4, .Lrow

    lw      s0, 0(sp)
    lw      s1, 4(sp)
    lw      s2, 8(sp)
    lw      s3, 12(sp)
    lw      s4, 16(sp)
    lw      s5, 20(sp)
    lw      s6, 24(sp)
    lw      s7, 28(sp)
    lw      s8, 32(sp)
    lw      s9, 36(sp)
    lw      s10, 40(sp)
    lw      s11, 44(sp)
    lw      ra, 48(sp)
    addi    sp, sp, FRAME
    ret
    .size tk_rv32_plane_filter, .-tk_rv32_plane_filter
