/* SVDF, int8 with an int8 state: portable C. */
#ifndef TK_SVDF_S8_H
#define TK_SVDF_S8_H

#include "tk_svdf.h"

typedef tk_svdf_params tk_svdf_s8_params;

/* in [batches][inputs], feature [units * rank][inputs], time [units * rank][memory], bias [units],
 * state [batches][units * rank][memory], out [batches][units], which may lie anywhere over in */
void tk_svdf_s8(const tk_svdf_params *p, const int8_t *in, const int8_t *feature, const int8_t *time,
                 const int32_t *bias, int8_t *state, int8_t *out);

#endif
