/* TFLite's int16 sigmoid and tanh: interpolated from a table of (sigmoid(i / 24) * 65536), i of 0 to 255, of which the
 * last interval is never reached: 1 from there on. */
#ifndef TK_SIGMOID_H
#define TK_SIGMOID_H

#include "tk_common.h"

/* sigmoid(x / (3 * 4096)) in Q0.15. */
TK_INLINE int32_t tk_sigmoid(const uint16_t *table, int32_t x)
{
    const int32_t size = x < 0 ? -x : x;
    const int32_t i = size >> 9;
    const int32_t y = i >= 255 ? 0x7fff << 10 : (table[i] << 9) + (size & 511) * (table[i + 1] - table[i]);

    return (x < 0 ? (1 << 25) - y + 511 : y + 512) >> 10;
}

/* tanh(x / (3 * 4096)) in Q0.15. */
TK_INLINE int32_t tk_tanh(const uint16_t *table, int32_t x)
{
    const int32_t size = x < 0 ? -x : x;
    const int32_t i = size >> 8;
    const int32_t y = i >= 255 ? 0xffff << 8 : (table[i] << 8) + (size & 255) * (table[i + 1] - table[i]);

    return (x < 0 ? (1 << 23) - y + 127 : y - (1 << 23) + 128) >> 8;
}

#endif
