/* Continues an array beyond its edges by its mirror image: MIRROR_PAD. */
#ifndef TK_MIRROR_PAD_H
#define TK_MIRROR_PAD_H

#include <stdint.h>

#define TK_MIRROR_PAD_DIMS 5

typedef struct {
    uint32_t run; /* bytes that stay together, innermost */
    int32_t skip; /* 1 if the elements at the edges are not repeated, else 0 */
    int32_t size[TK_MIRROR_PAD_DIMS]; /* of the input, outermost first */
    int32_t before[TK_MIRROR_PAD_DIMS]; /* not more than size - skip */
    int32_t padded[TK_MIRROR_PAD_DIMS]; /* size of the output */
} tk_mirror_pad_params;

void tk_mirror_pad(const tk_mirror_pad_params *p, const void *in, void *out);

#endif
