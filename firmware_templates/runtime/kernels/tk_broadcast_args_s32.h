/* BROADCAST_ARGS, int32. */
#ifndef TK_BROADCAST_ARGS_S32_H
#define TK_BROADCAST_ARGS_S32_H

#include <stdint.h>

typedef struct {
    int32_t first, second, count; /* dimensions of both shapes, and of the result */
} tk_broadcast_args_s32_params;

void tk_broadcast_args_s32(const tk_broadcast_args_s32_params *p, const int32_t *a, const int32_t *b, int32_t *out);

#endif
