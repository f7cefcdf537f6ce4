/* LOGISTIC, int16. */
#include "tk_logistic_s16.h"

#include "tk_sigmoid.h"

void tk_logistic_s16(const tk_logistic_s16_params *p, const int16_t *in, int16_t *out)
{
    const uint16_t *const table = p->table;
    const int32_t multiplier = p->multiplier;
    const int32_t shift = p->shift;
    const int32_t round = shift > 0 ? (int32_t)1 << (shift - 1) : 0;
    const int16_t *const end = in + p->count;

    while (in != end) {
        *out++ = (int16_t)tk_sigmoid(table, (*in++ * multiplier + round) >> shift);
    }
}
