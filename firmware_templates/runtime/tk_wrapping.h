/* Arithmetic that goes on at the other end of int32's range, as TFLite-Micro's does in practice. */
#ifndef TK_WRAPPING_H
#define TK_WRAPPING_H

#include "tk_common.h"

TK_INLINE int32_t tk_add_wrapping(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

TK_INLINE int32_t tk_subtract_wrapping(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

#endif
