/* Sixteen sums of products over the same inputs. Inputs that are `zero` are passed over: after a RELU many are. */

#define FRAME 64

    .text
    .align 2

/* Registers: sums s0 to s11, t3 to t6; a1 weights, a2 inputs, a3 their end, a4 zero; a5 an input; a6, a7 free.
 * Loads are one multiplication ahead of their use. */

.macro TIMES_INPUT sum0, sum1, at
    lb      a6, \at(a1)
    lb      a7, \at+1(a1)
    mul     a6, a6, a5
    mul     a7, a7, a5
    add     \sum0, \sum0, a6
    add     \sum1, \sum1, a7
.endm

.macro INPUT at
    lb      a5, \at(a2)
    sub     a5, a5, a4
    beqz    a5, 1f
    TIMES_INPUT s0, s1, 16*\at
    TIMES_INPUT s2, s3, 16*\at+2
    TIMES_INPUT s4, s5, 16*\at+4
    TIMES_INPUT s6, s7, 16*\at+6
    TIMES_INPUT s8, s9, 16*\at+8
    TIMES_INPUT s10, s11, 16*\at+10
    TIMES_INPUT t3, t4, 16*\at+12
    TIMES_INPUT t5, t6, 16*\at+14
1:
.endm

    .globl tk_rv32_sums_16
    .type tk_rv32_sums_16, @function
tk_rv32_sums_16:
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
    lw      s0, 0(a0)
    lw      s1, 4(a0)
    lw      s2, 8(a0)
    lw      s3, 12(a0)
    lw      s4, 16(a0)
    lw      s5, 20(a0)
    lw      s6, 24(a0)
    lw      s7, 28(a0)
    lw      s8, 32(a0)
    lw      s9, 36(a0)
    lw      s10, 40(a0)
    lw      s11, 44(a0)
    lw      t3, 48(a0)
    lw      t4, 52(a0)
    lw      t5, 56(a0)
    lw      t6, 60(a0)
    andi    t0, a3, 1
    add     a3, a3, a2
    beqz    t0, .Ltwo
    addi    a2, a2, -1 /* an odd number: begin with the second half of the loop */
    addi    a1, a1, -16
    j       .Lone
.Ltwo:
    INPUT   0
.Lone:
    INPUT   1
    addi    a2, a2, 2
    addi    a1, a1, 32
    bne     a2, a3, .Ltwo
    sw      s0, 0(a0)
    sw      s1, 4(a0)
    sw      s2, 8(a0)
    sw      s3, 12(a0)
    sw      s4, 16(a0)
    sw      s5, 20(a0)
    sw      s6, 24(a0)
    sw      s7, 28(a0)
    sw      s8, 32(a0)
    sw      s9, 36(a0)
    sw      s10, 40(a0)
    sw      s11, 44(a0)
    sw      t3, 48(a0)
    sw      t4, 52(a0)
    sw      t5, 56(a0)
    sw      t6, 60(a0)
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
    addi    sp, sp, FRAME
    ret
    .size tk_rv32_sums_16, .-tk_rv32_sums_16
