/* ADD and SUB, int8, as one linear formula, for cores with Helium. See tk_add_mve_s8.c. */
#ifndef TK_ADD_MVE_S8_H
#define TK_ADD_MVE_S8_H

#include "tk_broadcast.h"

/* as of tk_add_s8 */
typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t scale_a, scale_b, offset; /* 128 * (|scale_a| + |scale_b|) + |offset| is less than 2^31 */
    int32_t shift;
    int32_t low, high;
} tk_add_mve_s8_params;

/* out may be the memory of an operand that is not repeated */
void tk_add_mve_s8(const tk_add_mve_s8_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
