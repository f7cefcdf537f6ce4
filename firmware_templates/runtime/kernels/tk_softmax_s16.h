/* SOFTMAX over the last dimension, int16: scale 1/32768 and zero point 0 at the output. */
#ifndef TK_SOFTMAX_S16_H
#define TK_SOFTMAX_S16_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;              /* elements of a row, at most 65535 */
    int32_t multiplier;         /* for tk_requantize: differences, 65535 of which are then 10.0 */
    int32_t shift;
    const int16_t *exps;        /* [513], exp(x) in Q0.15 for x from -10 to 0 */
    const int16_t *reciprocals; /* [513], 1 / (1 + x) in Q0.15 for x from 0 to 1 */
} tk_softmax_s16_params;

/* in [rows][depth], out [rows][depth]; may be the same memory */
void tk_softmax_s16(const tk_softmax_s16_params *p, const int16_t *in, int16_t *out);

#endif
