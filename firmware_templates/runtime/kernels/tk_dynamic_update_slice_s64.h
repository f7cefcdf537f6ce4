/* DYNAMIC_UPDATE_SLICE, start in int64. */
#ifndef TK_DYNAMIC_UPDATE_SLICE_S64_H
#define TK_DYNAMIC_UPDATE_SLICE_S64_H

#include "tk_update_slice.h"

typedef tk_update_slice_params tk_dynamic_update_slice_s64_params;

/* start has an element for each dimension; out may be the operand */
void tk_dynamic_update_slice_s64(const tk_dynamic_update_slice_s64_params *p, const void *operand, const void *update,
                                 const int64_t *start, void *out);

#endif
