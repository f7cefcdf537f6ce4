/* LOG_SOFTMAX over the last dimension, int8: scale 1/16 and zero point 127 at the output. */
#ifndef TK_LOG_SOFTMAX_S8_H
#define TK_LOG_SOFTMAX_S8_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;       /* elements of a row, at most 4095 */
    int32_t exps_count;  /* larger differences count as nothing in the sum */
    const int32_t *exps; /* exp(-scale * difference) in Q0.31, for the differences 0, 1, ... to the maximum */
    int32_t multiplier;  /* for tk_requantize, from differences to Q5.26 */
    int32_t shift;
    int32_t inverse_multiplier; /* and back */
    int32_t inverse_shift;
    int32_t smallest; /* difference, less than 0, that fits Q5.26 */
} tk_log_softmax_s8_params;

/* in [rows][depth], out [rows][depth]; may be the same memory */
void tk_log_softmax_s8(const tk_log_softmax_s8_params *p, const int8_t *in, int8_t *out);

#endif
