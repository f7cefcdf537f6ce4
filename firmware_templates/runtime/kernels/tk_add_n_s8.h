/* ADD_N, int8. */
#ifndef TK_ADD_N_S8_H
#define TK_ADD_N_S8_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t inputs;
    int32_t start; /* of the sum: less all zero points */
    int32_t multiplier, shift; /* to the right */
    int32_t zero;
} tk_add_n_s8_params;

/* out [count], then `inputs` pointers to const int8_t [count]; out may be the memory of any of them */
void tk_add_n_s8(const tk_add_n_s8_params *p, int8_t *out, ...);

#endif
