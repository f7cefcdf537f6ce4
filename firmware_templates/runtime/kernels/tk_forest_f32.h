/* TINYKIT_FOREST: the mean answer of decision trees, float32. */
#ifndef TK_FOREST_F32_H
#define TK_FOREST_F32_H

#include <stdint.h>

typedef struct {
    int32_t trees;
    int32_t values;          /* of a leaf */
    const int32_t *roots;    /* [trees], first node of each tree */
    const int16_t *features; /* [nodes] */
    const float *thresholds; /* [nodes] */
    const int16_t *children; /* [nodes][2], counted from the root; -1 - leaf for a leaf */
    const float *leaves;     /* [leaves][values] */
} tk_forest_f32_params;

/* in [features], out [values]; must not overlap */
void tk_forest_f32(const tk_forest_f32_params *p, const float *in, float *out);

#endif
