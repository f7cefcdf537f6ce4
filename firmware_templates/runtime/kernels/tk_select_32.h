/* SELECT_V2 of elements of 32 bits. */
#ifndef TK_SELECT_32_H
#define TK_SELECT_32_H

#include "tk_select.h"

typedef tk_select_params tk_select_32_params;

/* out may be the memory of an operand that is not repeated */
void tk_select_32(const tk_select_32_params *p, const bool *condition, const void *x, const void *y, void *out);

#endif
