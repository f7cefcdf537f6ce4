/* CAST, int8 to bool: whether it is other than 0. */
#ifndef TK_CAST_S8_BOOL_H
#define TK_CAST_S8_BOOL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
} tk_cast_s8_bool_params;

/* in [count], out [count]; may begin at the same memory */
void tk_cast_s8_bool(const tk_cast_s8_bool_params *p, const int8_t *in, bool *out);

#endif
