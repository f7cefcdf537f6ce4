/* Sums of products for cores with a 32-bit multiply and little else: two multiply-accumulates in three instructions.
 *
 * For each channel the weights are unpacked, then two pixels at a time are multiplied with them. Unpacking takes 1.9
 * instructions a weight, so a tile should have several pixels: 4 inputs of 2 pixels take 15 instructions.
 */
#include "tk_m0_macros.h"

    .syntax unified
    .thumb
    .section .text.tk_m0_pack_pairs, "ax", %progbits
    .global tk_m0_pack_pairs
    .type   tk_m0_pack_pairs, %function
    .thumb_func
    .balign 4

/* r0 to, r1 first (until r12), r2 second - first, r3 0x00ff00ff, r8 -0x00800080, r9 0x80808080.
 * From signed bytes to signed halves: by 128 up, all bytes at once; apart; by 128 down. */
tk_m0_pack_pairs:
    push    {r4, r5, r6, r7}
    mov     r4, r8
    mov     r5, r9
    push    {r4, r5}
    lsls    r3, r3, #2
    adds    r3, r3, r1
    mov     r12, r3
    subs    r2, r2, r1
    ldr     r3, .Lpack_even_bytes
    ldr     r4, .Lpack_minus_128
    mov     r8, r4
    ldr     r4, .Lpack_signs
    mov     r9, r4
.Lpack:
    ldr     r5, [r1, r2]
    ldmia   r1!, {r4}
    mov     r6, r9
    eors    r4, r4, r6
    eors    r5, r5, r6
    lsrs    r6, r4, #8
    lsrs    r7, r5, #8
    ands    r4, r4, r3
    ands    r5, r5, r3
    ands    r6, r6, r3
    ands    r7, r7, r3
    add     r4, r8
    add     r5, r8
    add     r6, r8
    add     r7, r8
    stmia   r0!, {r4, r5, r6, r7}
    cmp     r1, r12
    bne     .Lpack
    pop     {r4, r5}
    mov     r8, r4
    mov     r9, r5
    pop     {r4, r5, r6, r7}
    bx      lr
    .balign 4
.Lpack_even_bytes:
    .word   0x00ff00ff
.Lpack_minus_128:
    .word   -0x00800080
.Lpack_signs:
    .word   0x80808080
    .size   tk_m0_pack_pairs, . - tk_m0_pack_pairs

    .section .text.tk_m0_copy_rows, "ax", %progbits
    .global tk_m0_copy_rows
    .type   tk_m0_copy_rows, %function
    .thumb_func

/* r0 to, r1 from, r2 bytes, r3 rows; r4 and r5 distances of rows. */
tk_m0_copy_rows:
    push    {r4, r5, r6, r7}
    ldr     r4, [sp, #16]
    ldr     r5, [sp, #20]
.Lcopy_row:
    movs    r6, r2
.Lcopy_byte:
    subs    r6, r6, #1
    ldrb    r7, [r1, r6]
    strb    r7, [r0, r6]
    bne     .Lcopy_byte
    adds    r0, r0, r4
    adds    r1, r1, r5
    subs    r3, r3, #1
    bne     .Lcopy_row
    pop     {r4, r5, r6, r7}
    bx      lr
    .size   tk_m0_copy_rows, . - tk_m0_copy_rows

/* tk_m0_tile_params */
#define P_INPUTS 0
#define P_UNPACKED 4
#define P_WEIGHTS 8
#define P_STEPS 12
#define P_STEPS_END 16
#define P_OUT 20
#define P_OUT_END 24
#define P_CHANNELS 28
#define P_BLOCKS 32
#define P_SPLIT 36
#define P_MIN 40
#define P_MAX 44

/* The frame goes on behind what output_of_sum uses: */
#define F_INPUTS 32
#define F_UNPACKED 36
#define F_WEIGHTS 40
#define F_STEPS 44
#define F_STEPS_END 48
#define F_OUT 52
#define F_SPLIT 56
#define F_UNPACK_ENTRY 60
#define F_BYTES 64

#define UNROLL 8
#define UNPACK_UNROLL 4

    .section .text.tk_m0_tile, "ax", %progbits
    .global tk_m0_tile
    .type   tk_m0_tile, %function
    .thumb_func
    .balign 4

/* In all of the loops: r8 end of the unpacked weights, r9 where the next output goes, r10 distance of pixels there,
 * r11 end of this channel's outputs, r12 where the loop of products is entered, lr see output_of_sum. */
tk_m0_tile:
    push    {r4, r5, r6, r7, lr}
    mov     r4, r8
    mov     r5, r9
    mov     r6, r10
    mov     r7, r11
    push    {r4, r5, r6, r7}
    sub     sp, #F_BYTES
    ldr     r1, [r0, #P_MIN]
    str     r1, [sp, #FRAME_MIN]
    ldr     r1, [r0, #P_MAX]
    str     r1, [sp, #FRAME_MAX]
    ldr     r1, [r0, #P_INPUTS]
    str     r1, [sp, #F_INPUTS]
    ldr     r1, [r0, #P_WEIGHTS]
    str     r1, [sp, #F_WEIGHTS]
    ldr     r1, [r0, #P_STEPS]
    str     r1, [sp, #F_STEPS]
    ldr     r1, [r0, #P_STEPS_END]
    str     r1, [sp, #F_STEPS_END]
    ldr     r1, [r0, #P_OUT]
    str     r1, [sp, #F_OUT]
    ldr     r1, [r0, #P_SPLIT]
    str     r1, [sp, #F_SPLIT]
    ldr     r1, [r0, #P_CHANNELS]
    mov     r10, r1
    ldr     r1, [r0, #P_OUT_END]
    mov     r11, r1
    ldr     r1, [r0, #P_UNPACKED]
    str     r1, [sp, #F_UNPACKED]
    ldr     r2, [r0, #P_BLOCKS]
    lsls    r3, r2, #3
    adds    r1, r1, r3
    mov     r8, r1
    /* Both loops are unrolled; the first turn enters them so that the rest are whole turns. */
    negs    r2, r2
    movs    r3, #UNROLL - 1
    ands    r3, r3, r2
    movs    r4, #PRODUCTS_OF_4_BYTES
    muls    r3, r4, r3
    ldr     r4, =.Lproducts + 1
    adds    r3, r3, r4
    mov     r12, r3
    movs    r3, #UNPACK_UNROLL - 1
    ands    r3, r3, r2
    movs    r4, #UNPACK_4_BYTES
    muls    r3, r4, r3
    ldr     r4, =.Lunpack + 1
    adds    r3, r3, r4
    str     r3, [sp, #F_UNPACK_ENTRY]

.Lchannel:
    ldr     r0, [sp, #F_UNPACKED]
    ldr     r1, [sp, #F_WEIGHTS]
    ldr     r7, =0x00ff00ff
    ldr     r6, =0x00800080
    ldr     r4, [sp, #F_UNPACK_ENTRY]
    bx      r4
    .balign 4
.Lunpack:
    .rept   UNPACK_UNROLL
    unpack_4
    .endr
    cmp     r0, r8
    bne     .Lunpack
    str     r1, [sp, #F_WEIGHTS]

    ldr     r1, [sp, #F_STEPS]
    ldr     r0, [sp, #F_SPLIT]
    load_steps tile
    str     r1, [sp, #F_STEPS]
    ldr     r0, [sp, #F_INPUTS]
    ldr     r1, [sp, #F_OUT]
    mov     r9, r1
    adds    r1, r1, #1
    str     r1, [sp, #F_OUT]
.Lpair:
    ldr     r1, [sp, #F_UNPACKED]
    ldr     r2, [sp, #FRAME_BIAS]
    movs    r3, r2
    bx      r12
    .balign 4
.Lproducts:
    .rept   UNROLL
    products_of_4
    .endr
    cmp     r1, r8
    bne     .Lproducts

    mov     r7, sp
    ldmia   r7, {r4, r5, r6, r7}
    output_of_sum r2, first
    mov     r1, r9
    strb    r2, [r1]
    add     r9, r10
    cmp     r9, r11
    beq     .Lchannel_done
    output_of_sum r3, second
    mov     r1, r9
    strb    r3, [r1]
    add     r9, r10
    cmp     r9, r11
    beq     .Lchannel_done
    b       .Lpair
    output_of_sum_aside r2, first
    output_of_sum_aside r3, second

.Lchannel_done:
    movs    r1, #1
    add     r11, r1
    ldr     r1, [sp, #F_STEPS]
    ldr     r2, [sp, #F_STEPS_END]
    cmp     r1, r2
    beq     .Lend
    b       .Lchannel
.Lend:
    add     sp, #F_BYTES
    pop     {r4, r5, r6, r7}
    mov     r8, r4
    mov     r9, r5
    mov     r10, r6
    mov     r11, r7
    pop     {r4, r5, r6, r7, pc}
    .balign 4
    .ltorg
    .size   tk_m0_tile, . - tk_m0_tile
