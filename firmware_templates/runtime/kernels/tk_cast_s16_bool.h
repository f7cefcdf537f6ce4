/* CAST, int16 to bool: whether it is other than 0. */
#ifndef TK_CAST_S16_BOOL_H
#define TK_CAST_S16_BOOL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s16_bool_params;

/* in [count], out [count]; may begin at the same memory */
void tk_cast_s16_bool(const tk_cast_s16_bool_params *p, const int16_t *in, bool *out);

#endif
