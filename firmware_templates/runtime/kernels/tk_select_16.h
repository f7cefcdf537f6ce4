/* SELECT_V2 of elements of 16 bits. */
#ifndef TK_SELECT_16_H
#define TK_SELECT_16_H

#include "tk_select.h"

typedef tk_select_params tk_select_16_params;

/* out may be the memory of an operand that is not repeated */
void tk_select_16(const tk_select_16_params *p, const bool *condition, const void *x, const void *y, void *out);

#endif
