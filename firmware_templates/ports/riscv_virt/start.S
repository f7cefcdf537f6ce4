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
    la t0, tk_trap_entry
    csrw mtvec, t0              /* 4-byte aligned: direct mode */

    /* Nothing writes below the stack: the flash is for reading and executing only. PMP entry 0 is the start of
       the range, entry 1 its end: locked (for machine mode, too), top of range, execute, read. */
    la t0, tk_flash_start
    srli t0, t0, 2
    csrw pmpaddr0, t0
    la t0, tk_stack_bottom
    srli t0, t0, 2
    csrw pmpaddr1, t0
    li t0, 0x8D00
    csrw pmpcfg0, t0

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

/* A trap that finds the stack pointer below the stack has no stack to save registers on: it takes a fresh one and
   does not return. All others go on in C. */
    .section .text.tk_trap_entry, "ax"
    .balign 4
tk_trap_entry:
    csrw mscratch, t0
    la t0, tk_stack_bottom
    bltu sp, t0, 1f
    csrr t0, mscratch
    j tk_trap
1:  mv a0, sp
    la sp, tk_stack_top
    j tk_stack_overflow
