/* Square roots, uint64 to uint32, rounded to nearest and shifted down. */
#ifndef TK_SIGNAL_SQUARE_ROOT_U64_H
#define TK_SIGNAL_SQUARE_ROOT_U64_H

#include <stdint.h>

typedef struct {
    int32_t count;
} tk_signal_square_root_u64_params;

/* in, out [count]; bits [1]: places of the shift, modulo 32 */
void tk_signal_square_root_u64(const tk_signal_square_root_u64_params *p, const uint64_t *in, const int32_t *bits, uint32_t *out);

#endif
