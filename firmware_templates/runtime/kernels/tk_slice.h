/* A part of an array that begins, and is as large, as two other arrays say: SLICE. */
#ifndef TK_SLICE_H
#define TK_SLICE_H

#include <stdint.h>

#define TK_SLICE_DIMS 5

typedef struct {
    uint32_t element; /* bytes */
    uint32_t dims;
    uint32_t wide; /* begin and size are int64_t, else int32_t */
    uint32_t count; /* elements of the output */
    int32_t shape[TK_SLICE_DIMS]; /* of the input, outermost first */
} tk_slice_params;

/* begin [dims], size [dims]: -1 is up to the end. The output is zero if this is not a part of the input, or not as many
 * elements as the output has. */
void tk_slice(const tk_slice_params *p, const void *in, const void *begin, const void *size, void *out);

#endif
