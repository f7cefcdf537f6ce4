/* The fixed part of the boot ROM (RP2040 datasheet, 2.8.2): vectors, marker, and 16-bit pointers to the tables. */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .section .start, "ax"
    .word rom_stack
    .word reset + 1
    .word stop + 1              @ NMI
    .word stop + 1              @ HardFault
    .byte 'M', 'u', 1, 0        @ marker, and version 0: no ROM of the chip says that
    .hword functions
    .hword data
    .hword rom_lookup + 1

    .thumb_func
reset:
    bl rom_boot
    .thumb_func
stop:
    b stop

    .macro entry first, second, function
    .byte \first, \second
    .hword \function + 1
    .endm

    .align 2
functions:
    entry 'P', '3', rom_popcount
    entry 'R', '3', rom_reverse
    entry 'L', '3', rom_clz
    entry 'T', '3', rom_ctz
    entry 'M', 'S', rom_memset
    entry 'S', '4', rom_memset
    entry 'M', 'C', rom_memcpy
    entry 'C', '4', rom_memcpy
    entry 'U', 'B', rom_to_bootsel
    .hword 0
data:
    .hword 0
