/* DYNAMIC_UPDATE_SLICE, start in int32. */
#ifndef TK_DYNAMIC_UPDATE_SLICE_S32_H
#define TK_DYNAMIC_UPDATE_SLICE_S32_H

#include "tk_update_slice.h"

typedef tk_update_slice_params tk_dynamic_update_slice_s32_params;

/* start has an element for each dimension; out may be the operand */
void tk_dynamic_update_slice_s32(const tk_dynamic_update_slice_s32_params *p, const void *operand, const void *update,
                                 const int32_t *start, void *out);

#endif
