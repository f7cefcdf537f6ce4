/* BROADCAST_ARGS, int64. */
#ifndef TK_BROADCAST_ARGS_S64_H
#define TK_BROADCAST_ARGS_S64_H

#include <stdint.h>

typedef struct {
    int32_t first, second, count; /* dimensions of both shapes, and of the result */
} tk_broadcast_args_s64_params;

void tk_broadcast_args_s64(const tk_broadcast_args_s64_params *p, const int64_t *a, const int64_t *b, int64_t *out);

#endif
