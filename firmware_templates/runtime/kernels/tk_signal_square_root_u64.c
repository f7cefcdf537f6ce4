/* Square roots, uint64 to uint32, rounded to nearest and shifted down. */
#include "tk_signal_square_root_u64.h"

/* Digit by digit. What rounds up to one bit more than half of the number's width stays below it: 0xFFFF up to 2^32. */
static uint32_t square_root(uint64_t number)
{
    const uint32_t top = number >> 32 == 0 ? 0xFFFFu : 0xFFFFFFFFu;
    uint64_t root = 0, rest = number, bit = (uint64_t)1 << (top == 0xFFFFu ? 30 : 62);

    while (bit > number) {
        bit >>= 2;
    }
    for (; bit != 0; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint32_t)root + (rest > root && root != top ? 1u : 0u);
}

void tk_signal_square_root_u64(const tk_signal_square_root_u64_params *p, const uint64_t *in, const int32_t *bits, uint32_t *out)
{
    for (int32_t i = 0; i < p->count; i++) {
        out[i] = square_root(in[i]) >> (*bits & 31);
    }
}
