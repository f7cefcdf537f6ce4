/* LOGICAL_AND and LOGICAL_OR. */
#ifndef TK_LOGICAL_H
#define TK_LOGICAL_H

#include "tk_broadcast.h"

typedef struct {
    TK_BROADCAST_PARAMS;
    uint8_t least; /* operands that have to be true: 1 or 2 */
} tk_logical_params;

/* out may be the memory of an operand that is not repeated */
void tk_logical(const tk_logical_params *p, const bool *a, const bool *b, bool *out);

#endif
