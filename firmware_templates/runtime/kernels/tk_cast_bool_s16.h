/* CAST, bool to int16: 0 or 1. */
#ifndef TK_CAST_BOOL_S16_H
#define TK_CAST_BOOL_S16_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_bool_s16_params;

/* in [count], out [count]; out may end where in does */
void tk_cast_bool_s16(const tk_cast_bool_s16_params *p, const bool *in, int16_t *out);

#endif
