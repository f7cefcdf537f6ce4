/* Fixed-point steps that the quantized SOFTMAX and LOG_SOFTMAX share. */
#ifndef TK_SOFTMAX_H
#define TK_SOFTMAX_H

#include "tk_reciprocal.h"

/* Fraction bits less of the sum of exponentials, which itself has 12 integer bits. */
#define TK_SUM_SHIFT 12

/* tk_rounding_shift of what is not negative, by 1 to 31 bits. */
TK_INLINE uint32_t tk_shifted(int32_t x, int32_t exponent)
{
    return ((uint32_t)x + ((uint32_t)1 << (exponent - 1))) >> exponent;
}

#endif
