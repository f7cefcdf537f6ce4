/* Rows of an int8 table as float32: EMBEDDING_LOOKUP. */
#ifndef TK_EMBEDDING_LOOKUP_S8_F32_H
#define TK_EMBEDDING_LOOKUP_S8_F32_H

#include <stdint.h>

typedef struct {
    uint32_t rows;
    uint32_t columns;
    uint32_t count; /* rows that are looked up */
    float scale;
} tk_embedding_lookup_s8_f32_params;

/* lookup [count], table [rows][columns], out [count][columns]. A row that there is not is zero. */
void tk_embedding_lookup_s8_f32(const tk_embedding_lookup_s8_f32_params *p, const int32_t *lookup, const int8_t *table,
                                float *out);

#endif
