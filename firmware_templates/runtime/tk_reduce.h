/* Loops over the axes that a reduction keeps and over those it reduces. */
#ifndef TK_REDUCE_H
#define TK_REDUCE_H

#include <stdint.h>

#define TK_REDUCE_LOOPS 3

/* Advances a counter of nested loops (outermost first); returns 0 when all are done. */
static inline int tk_next(uint32_t *at, const uint32_t *count)
{
    for (int loop = TK_REDUCE_LOOPS - 1; loop >= 0; loop--) {
        if (++at[loop] < count[loop]) {
            return 1;
        }
        at[loop] = 0;
    }
    return 0;
}

/* Where the counter points, in elements. */
static inline uint32_t tk_place(const uint32_t *at, const uint32_t *step)
{
    return at[0] * step[0] + at[1] * step[1] + at[2] * step[2];
}

#endif
