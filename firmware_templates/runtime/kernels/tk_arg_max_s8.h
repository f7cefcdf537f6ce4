/* ARG_MAX, int8: portable C. The first of equal elements. */
#ifndef TK_ARG_MAX_S8_H
#define TK_ARG_MAX_S8_H

#include <stdint.h>

typedef struct {
    int32_t outer;
    int32_t size; /* of the axis */
    int32_t inner;
} tk_arg_max_s8_params;

/* in [outer][size][inner], out [outer][inner] */
void tk_arg_max_s8(const tk_arg_max_s8_params *p, const int8_t *in, int32_t *out);

#endif
