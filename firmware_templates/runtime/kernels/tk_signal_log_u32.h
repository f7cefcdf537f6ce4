/* Natural logarithms, uint32 to int16, by a table. */
#ifndef TK_SIGNAL_LOG_U32_H
#define TK_SIGNAL_LOG_U32_H

#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t correction_bits; /* 0..31, left shift of the input */
    uint32_t scale; /* of the output */
    const uint16_t *curve; /* [129] log2(1 + x) - x of x = 0, 1/128, ..., 1; 16 fractional bits */
} tk_signal_log_u32_params;

/* in, out [count], may begin at the same address */
void tk_signal_log_u32(const tk_signal_log_u32_params *p, const uint32_t *in, int16_t *out);

#endif
