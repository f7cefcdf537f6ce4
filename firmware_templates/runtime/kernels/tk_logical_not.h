/* LOGICAL_NOT. */
#ifndef TK_LOGICAL_NOT_H
#define TK_LOGICAL_NOT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t count;
} tk_logical_not_params;

/* in [count], out [count]; may be the same memory */
void tk_logical_not(const tk_logical_not_params *p, const bool *in, bool *out);

#endif
