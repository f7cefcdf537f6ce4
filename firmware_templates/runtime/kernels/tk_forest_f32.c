/* TINYKIT_FOREST, float32. */
#include "tk_forest_f32.h"

/* The leaf in which a walk down one tree ends. */
static const float *leaf_of(const tk_forest_f32_params *p, int32_t root, const float *in)
{
    int32_t node = 0;

    do {
        const int32_t at = root + node;
        /* not "> right": what is no number goes right, as the operator is defined */
        const int32_t side = in[p->features[at]] <= p->thresholds[at] ? 0 : 1;
        node = p->children[2 * at + side];
    } while (node >= 0);
    return p->leaves + (-1 - node) * p->values;
}

void tk_forest_f32(const tk_forest_f32_params *p, const float *in, float *out)
{
    const int32_t values = p->values;
    const float trees = (float)p->trees;

    for (int32_t i = 0; i < values; i++) {
        out[i] = 0.0f;
    }
    for (int32_t tree = 0; tree < p->trees; tree++) {
        const float *leaf = leaf_of(p, p->roots[tree], in);

        for (int32_t i = 0; i < values; i++) {
            out[i] += leaf[i];
        }
    }
    for (int32_t i = 0; i < values; i++) {
        out[i] /= trees;
    }
}
