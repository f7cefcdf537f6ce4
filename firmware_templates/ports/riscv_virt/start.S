/* From reset to main() on a 32-bit RISC-V core: stack, trap vector, stack paint, .data, .bss. */
    .section .init, "ax"
    .globl _start
_start:
    csrw mie, zero
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, tk_stack_top
    la t0, tk_trap
    csrw mtvec, t0              /* 4-byte aligned: direct mode */

    la t0, tk_stack_bottom
    la t1, tk_stack_top
    li t2, 0xC5C5C5C5           /* the agent looks for the lowest word that lost it */
1:  sw t2, 0(t0)
    addi t0, t0, 4
    bltu t0, t1, 1b

    la t0, tk_data_start
    la t1, tk_data_end
    la t2, tk_data_load
    j 3f
2:  lw t3, 0(t2)
    sw t3, 0(t0)
    addi t0, t0, 4
    addi t2, t2, 4
3:  bltu t0, t1, 2b

    la t0, tk_bss_start
    la t1, tk_bss_end
    j 5f
4:  sw zero, 0(t0)
    addi t0, t0, 4
5:  bltu t0, t1, 4b

    call main
    call tk_port_reset
