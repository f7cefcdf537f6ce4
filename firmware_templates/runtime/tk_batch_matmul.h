/* Sizes of BATCH_MATMUL, and its loops over matrices, which may be repeated: see tk_broadcast.h. */
#ifndef TK_BATCH_MATMUL_H
#define TK_BATCH_MATMUL_H

#include "tk_broadcast.h"

/* Steps in elements, so that either matrix may be stored transposed. */
#define TK_BATCH_MATMUL_PARAMS                                                                      \
    int32_t rows, columns, depth;                                                                   \
    int32_t row_a, depth_a, depth_b, column_b;                                                      \
    int32_t count[TK_BROADCAST_DIMS];                                                               \
    int32_t stride_a[TK_BROADCAST_DIMS], stride_b[TK_BROADCAST_DIMS]

/* Stores `result`, an expression of sum, for each element: the sum of `product`, one of x and y. */
#define TK_BATCH_MATMUL(type, sum_type, p, first, second, out, product, result)                     \
    do {                                                                                            \
        tk_broadcast at_ = {{0}, 0, 0};                                                             \
        do {                                                                                        \
            for (int32_t row_ = 0; row_ < (p)->rows; row_++) {                                      \
                for (int32_t column_ = 0; column_ < (p)->columns; column_++) {                      \
                    const type *const x_ = (first) + at_.a + row_ * (p)->row_a;                     \
                    const type *const y_ = (second) + at_.b + column_ * (p)->column_b;              \
                    int32_t at_x_ = 0, at_y_ = 0;                                                   \
                    sum_type sum = 0;                                                               \
                    for (int32_t k_ = (p)->depth; k_ > 0; k_--) {                                   \
                        const type x = x_[at_x_];                                                   \
                        const type y = y_[at_y_];                                                   \
                        sum += (product);                                                           \
                        at_x_ += (p)->depth_a;                                                      \
                        at_y_ += (p)->depth_b;                                                      \
                    }                                                                               \
                    *(out)++ = (result);                                                            \
                }                                                                                   \
            }                                                                                       \
        } while (tk_broadcast_next(&at_, (p)->count, (p)->stride_a, (p)->stride_b));                \
    } while (0)

#endif
