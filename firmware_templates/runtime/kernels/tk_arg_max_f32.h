/* ARG_MAX, float32: portable C. The first of equal elements. */
#ifndef TK_ARG_MAX_F32_H
#define TK_ARG_MAX_F32_H

#include <stdint.h>

typedef struct {
    int32_t outer;
    int32_t size; /* of the axis */
    int32_t inner;
} tk_arg_max_f32_params;

/* in [outer][size][inner], out [outer][inner] */
void tk_arg_max_f32(const tk_arg_max_f32_params *p, const float *in, int32_t *out);

#endif
