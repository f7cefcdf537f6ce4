/* TINYKIT_FOREST: the mean answer of decision trees, int8. */
#ifndef TK_FOREST_S8_H
#define TK_FOREST_S8_H

#include <stdint.h>

typedef struct {
    int32_t trees;
    int32_t values;          /* of a leaf */
    const int32_t *roots;    /* [trees], first node of each tree */
    const int16_t *features; /* [nodes] */
    const int8_t *thresholds; /* [nodes] */
    const int16_t *children; /* [nodes][2], counted from the root; -1 - leaf for a leaf */
    const int8_t *leaves;     /* [leaves][values] */
} tk_forest_s8_params;

/* in [features], out [values], sums [values]; must not overlap */
void tk_forest_s8(const tk_forest_s8_params *p, const int8_t *in, int8_t *out, void *sums);

#endif
