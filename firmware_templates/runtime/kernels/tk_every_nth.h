/* True at every n-th call. */
#ifndef TK_EVERY_NTH_H
#define TK_EVERY_NTH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int32_t n;
} tk_every_nth_params;

/* state: calls since the last (int32) */
void tk_every_nth(const tk_every_nth_params *p, bool *out, void *state);

#endif
