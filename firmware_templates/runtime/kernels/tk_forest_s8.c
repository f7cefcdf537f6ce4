/* TINYKIT_FOREST, int8. Leaves have the output's scale and zero point, so that their mean is one of integers. */
#include "tk_forest_s8.h"

/* The leaf in which a walk down one tree ends. */
static const int8_t *leaf_of(const tk_forest_s8_params *p, int32_t root, const int8_t *in)
{
    int32_t node = 0;

    do {
        const int32_t at = root + node;
        const int32_t side = in[p->features[at]] <= p->thresholds[at] ? 0 : 1;
        node = p->children[2 * at + side];
    } while (node >= 0);
    return p->leaves + (-1 - node) * p->values;
}

void tk_forest_s8(const tk_forest_s8_params *p, const int8_t *in, int8_t *out, void *sums)
{
    const int32_t values = p->values;
    const int32_t half = p->trees / 2;
    int32_t *const sum = sums;

    for (int32_t i = 0; i < values; i++) {
        sum[i] = 0;
    }
    for (int32_t tree = 0; tree < p->trees; tree++) {
        const int8_t *leaf = leaf_of(p, p->roots[tree], in);

        for (int32_t i = 0; i < values; i++) {
            sum[i] += leaf[i];
        }
    }
    for (int32_t i = 0; i < values; i++) {
        out[i] = (int8_t)((sum[i] + (sum[i] < 0 ? -half : half)) / p->trees); /* half away from zero */
    }
}
