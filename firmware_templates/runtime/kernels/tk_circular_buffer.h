/* The last inputs in a row, of any type. */
#ifndef TK_CIRCULAR_BUFFER_H
#define TK_CIRCULAR_BUFFER_H

#include <stdint.h>

typedef struct {
    uint32_t kept; /* bytes of all but the newest */
    uint32_t newest; /* bytes */
} tk_circular_buffer_params;

/* in [newest], out [kept + newest]; state [kept] */
void tk_circular_buffer(const tk_circular_buffer_params *p, const void *in, void *out, void *state);

#endif
