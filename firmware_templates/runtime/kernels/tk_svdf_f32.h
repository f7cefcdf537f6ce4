/* SVDF, float32: portable C. */
#ifndef TK_SVDF_F32_H
#define TK_SVDF_F32_H

#include <stdint.h>

typedef struct {
    uint16_t batches;
    uint16_t inputs;
    uint16_t units;
    uint16_t rank;   /* filters of a unit */
    uint16_t memory; /* steps that are kept of each filter */
} tk_svdf_f32_params;

/* in [batches][inputs], feature [units * rank][inputs], time [units * rank][memory], bias [units],
 * state [batches][units * rank][memory], out [batches][units], which may lie anywhere over in */
void tk_svdf_f32(const tk_svdf_f32_params *p, const float *in, const float *feature, const float *time,
                 const float *bias, float *state, float *out);

#endif
