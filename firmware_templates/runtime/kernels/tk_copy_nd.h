/* Copies between strided arrays: TRANSPOSE, STRIDED_SLICE, CONCATENATION, PAD. */
#ifndef TK_COPY_ND_H
#define TK_COPY_ND_H

#include <stdint.h>

#define TK_COPY_LOOPS 5

/* All lengths in bytes. */
typedef struct {
    uint32_t run; /* copied in one go, innermost */
    uint32_t count[TK_COPY_LOOPS]; /* outermost first */
    int32_t source_step[TK_COPY_LOOPS];
    int32_t target_step[TK_COPY_LOOPS];
    int32_t source_offset;
    int32_t target_offset;
} tk_copy_nd_params;

void tk_copy_nd(const tk_copy_nd_params *p, const void *in, void *out);

#endif
