/* The loops of an operator of two operands of one type, of which dimensions may be repeated: see tk_broadcast.h. */
#ifndef TK_EACH_PAIR_H
#define TK_EACH_PAIR_H

#include "tk_broadcast.h"

/* Stores `result`, an expression of x and y, for each element x of operand a and y of operand b. */
#define TK_EACH_PAIR(type, p, first, second, out, result)                                      \
    do {                                                                                       \
        const int32_t step_b_ = (p)->step_b;                                                   \
        tk_broadcast at_ = {{0}, 0, 0};                                                        \
        do {                                                                                   \
            const type *x_ = (first) + at_.a;                                                  \
            const type *y_ = (second) + at_.b;                                                 \
            const type *const end_ = x_ + (p)->row;                                            \
            while (x_ != end_) {                                                               \
                const type x = *x_++;                                                          \
                const type y = *y_;                                                            \
                y_ += step_b_;                                                                 \
                *(out)++ = (result);                                                           \
            }                                                                                  \
        } while (tk_broadcast_next(&at_, (p)->count, (p)->stride_a, (p)->stride_b));           \
    } while (0)

#endif
