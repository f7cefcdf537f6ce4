/* Sets every element of an array to one value: the border of PAD. */
#ifndef TK_FILL_H
#define TK_FILL_H

#include <stdint.h>

typedef struct {
    uint32_t size; /* of an element, 1, 2 or 4 bytes */
    uint32_t count;
    uint8_t element[4]; /* its bytes in memory order */
} tk_fill_params;

void tk_fill(const tk_fill_params *p, void *out);

#endif
