/* A value copied as it is. */
#ifndef TK_COPY_H
#define TK_COPY_H

#include <stdint.h>

typedef struct {
    uint32_t bytes;
} tk_copy_params;

/* in and out: `bytes` each, the same memory or not over each other */
void tk_copy(const tk_copy_params *p, const void *in, void *out);

#endif
