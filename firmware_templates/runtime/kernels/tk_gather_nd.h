/* Copies the elements or slices of an array that an array of index tuples names: GATHER_ND. */
#ifndef TK_GATHER_ND_H
#define TK_GATHER_ND_H

#include <stdint.h>

#define TK_GATHER_ND_DIMS 5

typedef struct {
    uint32_t count; /* tuples */
    uint32_t dims; /* indices in a tuple */
    uint32_t run; /* bytes that a tuple names */
    uint32_t size[TK_GATHER_ND_DIMS];
    uint32_t step[TK_GATHER_ND_DIMS]; /* bytes */
} tk_gather_nd_params;

/* indices [count][dims], out [count][run]. What is taken from a place that there is not is zero. */
void tk_gather_nd(const tk_gather_nd_params *p, const void *in, const int32_t *indices, void *out);

#endif
