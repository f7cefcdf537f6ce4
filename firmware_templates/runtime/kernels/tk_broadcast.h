/* Loops over two operands of which dimensions may be repeated. The compiler merges dimensions, so that most calls
 * are one row, or rows in one loop; an operand that is repeated along the row is always b. */
#ifndef TK_BROADCAST_H
#define TK_BROADCAST_H

#include <stdbool.h>
#include <stdint.h>

#define TK_BROADCAST_DIMS 4

/* Strides are in elements, of loops around the row from the innermost; step_b is 0 when b is repeated along the row,
 * else 1. The output is written in order. */
#define TK_BROADCAST_PARAMS                                            \
    int32_t row;                                                       \
    int32_t step_b;                                                    \
    int32_t count[TK_BROADCAST_DIMS];                                  \
    int32_t stride_a[TK_BROADCAST_DIMS], stride_b[TK_BROADCAST_DIMS]

/* Where a row begins in both operands. Starts as all zeroes. */
typedef struct {
    int32_t index[TK_BROADCAST_DIMS];
    int32_t a, b;
} tk_broadcast;

/* Go to the next row; false after the last one. */
bool tk_broadcast_next(tk_broadcast *at, const int32_t *count, const int32_t *stride_a, const int32_t *stride_b);

#endif
