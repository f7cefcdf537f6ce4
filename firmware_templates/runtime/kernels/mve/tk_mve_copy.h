/* Copies and fills for cores with Helium, 16 bytes at a time: what a window reads is made of many short pieces. */
#ifndef TK_MVE_COPY_H
#define TK_MVE_COPY_H

#include "tk_common.h"

/* Copies count bytes, 0 or more. Returns the end of what it wrote. */
TK_INLINE int8_t *tk_mve_copy(int8_t *to, const int8_t *from, int32_t count)
{
    int8_t *const end = to + count;
    __asm__ volatile("wlstp.8 lr, %2, 2f\n"
                     "1:\n\t"
                     "vldrb.8 q0, [%1], #16\n\t"
                     "vstrb.8 q0, [%0], #16\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : "+r"(to), "+r"(from)
                     : "r"(count)
                     : "q0", "lr", "memory");
    return end;
}

/* Sets count bytes, 0 or more. Returns the end of what it wrote. */
TK_INLINE int8_t *tk_mve_fill(int8_t *to, int32_t value, int32_t count)
{
    int8_t *const end = to + count;
    __asm__ volatile("vdup.8 q0, %1\n\t"
                     "wlstp.8 lr, %2, 2f\n"
                     "1:\n\t"
                     "vstrb.8 q0, [%0], #16\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : "+r"(to)
                     : "r"(value), "r"(count)
                     : "q0", "lr", "memory");
    return end;
}

/* Copies rows of up to 16 bytes, `pitch` apart, one behind the other; 16 bytes of each are read and written. */
TK_INLINE void tk_mve_copy_rows(int8_t *to, const int8_t *from, int32_t rows, int32_t length, int32_t pitch)
{
    __asm__ volatile("dls lr, %2\n"
                     "1:\n\t"
                     "vldrb.8 q0, [%1]\n\t"
                     "vstrb.8 q0, [%0]\n\t"
                     "add %1, %4\n\t"
                     "add %0, %3\n\t"
                     "le lr, 1b"
                     : "+r"(to), "+r"(from)
                     : "r"(rows), "r"(length), "r"(pitch)
                     : "q0", "lr", "memory");
}

#endif
