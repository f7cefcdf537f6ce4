/* Copies the elements or slices of an array that an array of index tuples names: GATHER_ND. */
#ifndef TK_GATHER_ND_H
#define TK_GATHER_ND_H

#include <stdint.h>

#define TK_GATHER_ND_DIMS 5

typedef struct {
    uint32_t count; /* tuples */
    uint32_t dims; /* indices in a tuple */
    uint32_t run; /* bytes that a tuple names */
    int32_t size; /* bytes of the input */
    int32_t step[TK_GATHER_ND_DIMS]; /* bytes, multiples of run */
} tk_gather_nd_params;

/* indices [count][dims], out [count][run]. What is taken from outside of the input is zero; an index alone may be beyond
 * its dimension. */
void tk_gather_nd(const tk_gather_nd_params *p, const void *in, const int32_t *indices, void *out);

#endif
