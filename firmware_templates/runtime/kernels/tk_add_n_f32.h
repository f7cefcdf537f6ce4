/* ADD_N, float32. */
#ifndef TK_ADD_N_F32_H
#define TK_ADD_N_F32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t inputs;
} tk_add_n_f32_params;

/* out [count], then `inputs` pointers to const float [count]; out may be the memory of any of them */
void tk_add_n_f32(const tk_add_n_f32_params *p, float *out, ...);

#endif
