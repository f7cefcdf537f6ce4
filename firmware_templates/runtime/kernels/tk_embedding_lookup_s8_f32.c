/* Rows of an int8 table as float32. */
#include "tk_embedding_lookup_s8_f32.h"

void tk_embedding_lookup_s8_f32(const tk_embedding_lookup_s8_f32_params *p, const int32_t *lookup, const int8_t *table,
                                float *out)
{
    for (uint32_t n = 0; n < p->count; n++) {
        const uint32_t row = (uint32_t)lookup[n];

        for (uint32_t i = 0; i < p->columns; i++) {
            *out++ = row < p->rows ? p->scale * (float)table[row * p->columns + i] : 0.0f;
        }
    }
}
