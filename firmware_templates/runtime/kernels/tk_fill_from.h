/* FILL with a value that is computed at run time. */
#ifndef TK_FILL_FROM_H
#define TK_FILL_FROM_H

#include <stdint.h>

typedef struct {
    uint32_t size;  /* of an element, in bytes */
    uint32_t count; /* of elements */
} tk_fill_from_params;

/* value: one element; out [count], no common memory */
void tk_fill_from(const tk_fill_from_params *p, const void *value, void *out);

#endif
