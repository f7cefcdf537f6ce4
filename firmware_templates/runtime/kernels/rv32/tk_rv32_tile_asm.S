/* Four pixels of a convolution, four channels at a time, two products in each multiplication.
 *
 * A word of `columns` holds two pixels' inputs, p + 65536 * q. Times a weight w it is w * p + 65536 * (w * q): one `mul`
 * makes two products. Of two such words the sum is
 *
 *     x = L + 65536 * H      with L = w0 * p0 + w1 * p1,  H = w0 * q0 + w1 * q1
 *
 * and both L and H fit into 16 bits, as the compiler has made sure that |w0| + |w1| <= 255. Two registers sum up
 *
 *     all += x                        (modulo 2^32)
 *     high += (x + 32768) >> 16       which is H: adding 32768 makes the low half positive
 *
 * and in the end low = all - 65536 * high, modulo 2^32, which is what 32-bit sums are anyway.
 */
#include "tk_rv32_output.h"

#define COLUMNS 0 /* offsets in tk_rv32_tile */
#define WEIGHTS 4
#define CHANNELS 8
#define OUT 12
#define STEP 16
#define OUT_C 28
#define COLUMN_BYTES 32
#define LOW 36
#define HIGH 40
#define ROUNDED 44

#define SAVED_TILE 52 /* offsets in the stack frame, above saved registers */
#define SAVED_OUT 56
#define SAVED_LEFT 60     /* channels that are left, this block's included */
#define SAVED_CHANNELS 64 /* this block's constants */
#define FRAME 80

    .text
    .align 2

/* Registers in the loop over columns:
 *
 *   channel                         0    1    2    3
 *   all, pixels 0 and 1             s0   s2   s4   s6
 *   all, pixels 2 and 3             s1   s3   s5   s7
 *   high, pixels 0 and 1            s8   s10  t3   t5
 *   high, pixels 2 and 3            s9   s11  t4   t6
 *
 *   a2, a3  inputs of one row of columns (pixels 0 and 1; 2 and 3)      a4, a5  those of the next row
 *   a0      columns      ra  their end      a1  weights      t2  32768      a6, a7, t0, t1  free
 */

/* Two rows of columns times one channel's two weights. */
.macro TWO_ROWS all01, all23, high01, high23, weight0, weight1
    lb      a6, \weight0(a1)
    lb      a7, \weight1(a1)
    mul     t0, a6, a2
    mul     t1, a7, a4
    mul     a6, a6, a3
    mul     a7, a7, a5
    add     t0, t0, t1
    add     a6, a6, a7
    add     \all01, \all01, t0
    add     t0, t0, t2
    srai    t0, t0, 16
    add     \high01, \high01, t0
    add     \all23, \all23, a6
    add     a6, a6, t2
    srai    a6, a6, 16
    add     \high23, \high23, a6
.endm

.macro TWO_ROWS_FOUR_CHANNELS column, weight
    lw      a2, \column(a0)
    lw      a4, \column+8(a0)
    lw      a3, \column+4(a0)
    lw      a5, \column+12(a0)
    TWO_ROWS s0, s1, s8, s9, \weight, \weight+4
    TWO_ROWS s2, s3, s10, s11, \weight+1, \weight+5
    TWO_ROWS s4, s5, t3, t4, \weight+2, \weight+6
    TWO_ROWS s6, s7, t5, t6, \weight+3, \weight+7
.endm

/* Where a channel's sums begin; its constants are at a0. */
.macro BEGIN channel, all01, all23, high01, high23
    lw      \high01, 12*\channel(a0)
    slli    \all01, \high01, 16
    mv      \high23, \high01
    add     \all01, \all01, \high01
    mv      \all23, \all01
.endm

/* The low half of what was summed up, into `all`. */
.macro SPLIT all, high
    slli    ra, \high, 16
    sub     \all, \all, ra
.endm

/* A channel's constants: t0 multiplier, t1 after, t2 shift. */
.macro CONSTANTS channel
    lw      t0, 12*\channel+4(a0)
    lw      t2, 12*\channel+8(a0)
    srai    t1, t2, 5
.endm

/* One channel's outputs. Addresses are in a2 to a5, bounds in a6 and a7; ra is free. */
.macro STORE_FOUR channel, all01, all23, high01, high23
    TK_CLAMP_AND_STORE \all01, a6, a7, \channel, a2
    TK_CLAMP_AND_STORE \high01, a6, a7, \channel, a3
    TK_CLAMP_AND_STORE \all23, a6, a7, \channel, a4
    TK_CLAMP_AND_STORE \high23, a6, a7, \channel, a5
.endm

.macro FINISH_FLOORED channel, all01, all23, high01, high23
    CONSTANTS \channel
    SPLIT   \all01, \high01
    SPLIT   \all23, \high23
    TK_FLOOR \all01, t0, t1, t2
    TK_FLOOR \high01, t0, t1, t2
    TK_FLOOR \all23, t0, t1, t2
    TK_FLOOR \high23, t0, t1, t2
    STORE_FOUR \channel, \all01, \all23, \high01, \high23
.endm

.macro FINISH_ROUNDED channel, all01, all23, high01, high23
    CONSTANTS \channel
    SPLIT   \all01, \high01
    SPLIT   \all23, \high23
    TK_ROUND \all01, t0, t1, t2, ra
    TK_ROUND \high01, t0, t1, t2, ra
    TK_ROUND \all23, t0, t1, t2, ra
    TK_ROUND \high23, t0, t1, t2, ra
    STORE_FOUR \channel, \all01, \all23, \high01, \high23
.endm

.macro FOUR_CHANNELS what
    \what   0, s0, s1, s8, s9
    \what   1, s2, s3, s10, s11
    \what   2, s4, s5, t3, t4
    \what   3, s6, s7, t5, t6
.endm

    .globl tk_rv32_tile_4x4
    .type tk_rv32_tile_4x4, @function
tk_rv32_tile_4x4:
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
    sw      a0, SAVED_TILE(sp)
    lw      t0, OUT(a0)
    lw      t1, OUT_C(a0)
    lw      t2, CHANNELS(a0)
    lw      a1, WEIGHTS(a0)
    sw      t0, SAVED_OUT(sp)
    sw      t1, SAVED_LEFT(sp)
    sw      t2, SAVED_CHANNELS(sp)

.Lblock:
    lw      a6, SAVED_TILE(sp)
    lw      a0, SAVED_CHANNELS(sp)
    lw      ra, COLUMN_BYTES(a6)
    lw      a6, COLUMNS(a6)
    FOUR_CHANNELS BEGIN
    mv      a0, a6
    add     ra, ra, a6
    lui     t2, 8 /* 32768 */
.Lrows:
    TWO_ROWS_FOUR_CHANNELS 0, 0
    TWO_ROWS_FOUR_CHANNELS 16, 8
    addi    a0, a0, 32
    addi    a1, a1, 16
    beq     a0, ra, .Lsummed
    j       .Lrows

.Lsummed:
    lw      a3, SAVED_TILE(sp)
    lw      a2, SAVED_OUT(sp)
    lw      a0, SAVED_CHANNELS(sp)
    lw      a5, STEP+8(a3)
    lw      a4, STEP+4(a3)
    lw      a6, LOW(a3)
    lw      a7, HIGH(a3)
    lw      t0, ROUNDED(a3)
    lw      a3, STEP(a3)
    add     a3, a3, a2
    add     a4, a4, a3
    add     a5, a5, a4
    beqz    t0, .Lfloored
    FOUR_CHANNELS FINISH_ROUNDED
    j       .Lfinished
.Lfloored:
    FOUR_CHANNELS FINISH_FLOORED

.Lfinished:
    lw      t0, SAVED_LEFT(sp)
    addi    a0, a0, 48
    addi    a2, a2, 4
    addi    t0, t0, -4
    blez    t0, .Ldone
    addi    t1, t0, -4
    bgez    t1, .Lnext
    add     a2, a2, t1 /* fewer than 4 are left: go back so that 4 are */
.Lnext:
    sw      t0, SAVED_LEFT(sp)
    sw      a0, SAVED_CHANNELS(sp)
    sw      a2, SAVED_OUT(sp)
    j       .Lblock

.Ldone:
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
    .size tk_rv32_tile_4x4, .-tk_rv32_tile_4x4

/* a0 columns, a1 to a4 patches, a5 how many bytes of each. */
.macro PACK_ROW offset
    lb      t0, \offset(a1)
    lb      t1, \offset(a2)
    lb      t2, \offset(a3)
    lb      t3, \offset(a4)
    slli    t1, t1, 16
    slli    t3, t3, 16
    add     t0, t0, t1
    add     t2, t2, t3
    sw      t0, 8*\offset(a0)
    sw      t2, 8*\offset+4(a0)
.endm

.macro NEXT_ROWS rows
    addi    a1, a1, \rows
    addi    a2, a2, \rows
    addi    a3, a3, \rows
    addi    a4, a4, \rows
    addi    a0, a0, 8*\rows
    addi    a5, a5, -\rows
.endm

    .globl tk_rv32_pack
    .type tk_rv32_pack, @function
tk_rv32_pack:
    addi    a5, a5, -4
    bltz    a5, 2f
1:  PACK_ROW 0
    PACK_ROW 1
    PACK_ROW 2
    PACK_ROW 3
    NEXT_ROWS 4
    bgez    a5, 1b
2:  addi    a5, a5, 4
    beqz    a5, 4f
3:  PACK_ROW 0
    NEXT_ROWS 1
    bgtz    a5, 3b
4:  ret
    .size tk_rv32_pack, .-tk_rv32_pack
