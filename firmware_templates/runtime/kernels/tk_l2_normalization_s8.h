/* L2_NORMALIZATION over the last dimension, int8: scale 1/128 and zero point 0 at the output. */
#ifndef TK_L2_NORMALIZATION_S8_H
#define TK_L2_NORMALIZATION_S8_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth; /* elements of a row, at most 33025 */
    int32_t zero_point; /* of the input */
} tk_l2_normalization_s8_params;

/* in [rows][depth], out [rows][depth]; may be the same memory */
void tk_l2_normalization_s8(const tk_l2_normalization_s8_params *p, const int8_t *in, int8_t *out);

#endif
