/* Divides all elements by a constant, in place, float32. */
#ifndef TK_DIVIDE_F32_H
#define TK_DIVIDE_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    float divisor;
} tk_divide_f32_params;

/* data [count] */
void tk_divide_f32(const tk_divide_f32_params *p, float *data);

#endif
