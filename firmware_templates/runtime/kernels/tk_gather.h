/* Copies the elements or slices of an array that an array of positions names: GATHER, EMBEDDING_LOOKUP. */
#ifndef TK_GATHER_H
#define TK_GATHER_H

#include <stdint.h>

typedef struct {
    uint32_t batches;
    uint32_t outer; /* slices of a batch, of each of which the same positions are taken */
    uint32_t size; /* positions that there are */
    uint32_t count; /* positions that are taken of each batch */
    uint32_t run; /* bytes at a position */
} tk_gather_params;

/* in [batches][outer][size][run], positions [batches][count], out [batches][outer][count][run]. What is taken from a
 * position that there is not is zero. */
void tk_gather(const tk_gather_params *p, const void *in, const int32_t *positions, void *out);

#endif
