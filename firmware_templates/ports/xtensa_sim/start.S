/* From reset to main() on an Xtensa core with the call0 ABI: stack, vectors, stack paint, .data, .bss.
 *
 * The machine starts at the first address of the flash, whatever the ELF file's entry is.
 */
    .section .reset, "ax"
    .globl _reset
_reset:
    j _start

/* Offsets from VECBASE as the LX106 is configured (XCHAL_*_VECOFS of its core-isa.h). */
    .section .vectors, "ax"
    .globl tk_vectors
tk_vectors:
    .org 0x10                   /* debug exception: BREAK */
    j break_entry
    .org 0x20                   /* NMI */
    j fault_entry
    .org 0x30                   /* kernel exception: all there is, for PS.UM stays 0 */
    wsr a0, excsave1
    rsr a0, exccause
    beqi a0, 4, 1f              /* Level1InterruptCause */
    rsr a0, excsave1
    j fault_entry
1:  j woken
    .org 0x50                   /* user exception */
    j fault_entry
    .org 0x70                   /* double exception */
    j fault_entry

    .section .start, "ax"
    .literal_position
/* The timer ends a sleep; that is its only purpose. */
woken:
    movi a0, 0
    wsr a0, intenable
    rsync
    rsr a0, excsave1
    rfe

/* A fault has no way back: it takes a fresh stack, for the old one may be what failed. */
fault_entry:
    rsr a2, exccause
    rsr a3, epc1
    rsr a4, excvaddr
1:  mov a5, a1
    movi a1, tk_stack_top
    movi a6, 1                  /* out of the exception (EXCM), the timer's interrupt masked (INTLEVEL) */
    wsr a6, ps
    rsync
    call0 tk_fault

/* BREAK, which gcc's __builtin_trap is, has a level and registers of its own, and no EXCCAUSE. */
break_entry:
    movi a2, 0x100
    rsr a3, epc2                /* XCHAL_DEBUGLEVEL is 2 */
    movi a4, 0
    j 1b

    .globl _start
    .align 4
_start:
    /* No exception mode, and the timer's interrupt masked until a sleep lets it in. Not the debug level's: BREAK
       would then do nothing. */
    movi a2, 1
    wsr a2, ps
    movi a2, 0
    wsr a2, intenable
    movi a2, tk_vectors
    wsr a2, vecbase
    rsync
    movi a1, tk_stack_top

    movi a2, tk_stack_bottom
    movi a3, tk_stack_top
    movi a4, 0xC5C5C5C5         /* the agent looks for the lowest word that lost it */
1:  s32i a4, a2, 0
    addi a2, a2, 4
    bltu a2, a3, 1b

    movi a2, tk_data_start
    movi a3, tk_data_end
    movi a4, tk_data_load
    j 3f
2:  l32i a5, a4, 0
    s32i a5, a2, 0
    addi a2, a2, 4
    addi a4, a4, 4
3:  bltu a2, a3, 2b

    movi a2, tk_bss_start
    movi a3, tk_bss_end
    movi a4, 0
    j 5f
4:  s32i a4, a2, 0
    addi a2, a2, 4
5:  bltu a2, a3, 4b

    call0 main
    call0 tk_port_reset

/* int tk_simcall(int number, int a, const void *b, int c): arguments and result are where QEMU wants them. */
    .globl tk_simcall
    .align 4
tk_simcall:
    simcall
    ret

/* void tk_sleep(uint32_t ticks): until CCOUNT is that far. The interrupt is masked, so the timer cannot come before WAITI,
   which lets it in and waits in one step. */
    .globl tk_sleep
    .align 4
tk_sleep:
    rsr a3, ccount
    add a3, a3, a2
    wsr a3, ccompare0           /* ends an earlier request, too */
    movi a3, 1 << 6             /* XCHAL_TIMER0_INTERRUPT */
    wsr a3, intenable
    rsync
    waiti 0
    rsil a3, 1
    ret
