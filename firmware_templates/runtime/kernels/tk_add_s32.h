/* ADD and SUB, int32; wraps. */
#ifndef TK_ADD_S32_H
#define TK_ADD_S32_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    int32_t sign_a, sign_b;
    int32_t low, high;
} tk_add_s32_params;

/* out may be the memory of an operand that is not repeated */
void tk_add_s32(const tk_add_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out);

#endif
