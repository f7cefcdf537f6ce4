/* RESIZE_BILINEAR, int8: portable C. Where outputs lie in the input is in tables made on the host. */
#ifndef TK_RESIZE_BILINEAR_S8_H
#define TK_RESIZE_BILINEAR_S8_H

#include "tk_resize.h"

typedef struct {
    tk_resize size;
    const int16_t *down;  /* [out_h], from the row above to the one below, in 1024ths */
    const int16_t *right; /* [out_w] */
} tk_resize_bilinear_s8_params;

/* in [batches][in_h][in_w][channels], out [batches][out_h][out_w][channels] */
void tk_resize_bilinear_s8(const tk_resize_bilinear_s8_params *p, const int8_t *in, int8_t *out);

#endif
