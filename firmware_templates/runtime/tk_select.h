/* SELECT_V2: loops over a condition and two operands, any of which may be repeated along dimensions. */
#ifndef TK_SELECT_H
#define TK_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#define TK_SELECT_LOOPS 5

/* Loops from the innermost; steps in elements, 0 where an operand is repeated. The output is written in order. */
typedef struct {
    int32_t count[TK_SELECT_LOOPS];
    int32_t step_condition[TK_SELECT_LOOPS], step_x[TK_SELECT_LOOPS], step_y[TK_SELECT_LOOPS];
} tk_select_params;

/* Defines the function of a kernel for elements of a type. */
#define TK_SELECT(name, type)                                                                                \
    void name(const tk_select_params *p, const bool *condition, const void *x, const void *y, void *out)     \
    {                                                                                                        \
        int32_t index[TK_SELECT_LOOPS] = {0};                                                                \
        const type *from_x = x;                                                                              \
        const type *from_y = y;                                                                              \
        type *to = out;                                                                                      \
                                                                                                             \
        for (;;) {                                                                                           \
            int loop = 0;                                                                                    \
            *to++ = *condition ? *from_x : *from_y;                                                          \
            while (index[loop] + 1 == p->count[loop]) {                                                      \
                condition -= index[loop] * p->step_condition[loop];                                          \
                from_x -= index[loop] * p->step_x[loop];                                                     \
                from_y -= index[loop] * p->step_y[loop];                                                     \
                index[loop++] = 0;                                                                           \
                if (loop == TK_SELECT_LOOPS) {                                                               \
                    return;                                                                                  \
                }                                                                                            \
            }                                                                                                \
            index[loop]++;                                                                                   \
            condition += p->step_condition[loop];                                                            \
            from_x += p->step_x[loop];                                                                       \
            from_y += p->step_y[loop];                                                                       \
        }                                                                                                    \
    }

#endif
