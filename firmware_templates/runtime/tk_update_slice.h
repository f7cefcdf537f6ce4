/* DYNAMIC_UPDATE_SLICE: one array with another written into it. */
#ifndef TK_UPDATE_SLICE_H
#define TK_UPDATE_SLICE_H

#include <stdint.h>
#include <string.h>

#define TK_UPDATE_LOOPS 6

/* Dimensions from the outermost; those behind the last in which the arrays differ are part of `run`. */
typedef struct {
    uint32_t size;                   /* bytes of the operand */
    uint32_t run;                    /* bytes that are copied in one go */
    int32_t dimensions;              /* 1 to 6, the last one that of the runs */
    int32_t count[TK_UPDATE_LOOPS];  /* of runs; 1 in the last dimension */
    int32_t room[TK_UPDATE_LOOPS];   /* largest start */
    int32_t stride[TK_UPDATE_LOOPS]; /* bytes in the operand */
} tk_update_slice_params;

/* `offset`: bytes from the start of out to where the update goes. out may be the operand. */
static inline void tk_update_slice(const tk_update_slice_params *p, const void *operand, const void *update,
                                   int32_t offset, void *out)
{
    const uint8_t *from = update;
    uint8_t *to = (uint8_t *)out + offset;
    int32_t index[TK_UPDATE_LOOPS] = {0};
    int32_t loop;

    if (out != operand) {
        memcpy(out, operand, p->size);
    }
    do {
        memcpy(to, from, p->run);
        from += p->run;
        loop = p->dimensions - 1;
        while (loop >= 0 && ++index[loop] == p->count[loop]) {
            to -= (p->count[loop] - 1) * p->stride[loop];
            index[loop--] = 0;
        }
        if (loop >= 0) {
            to += p->stride[loop];
        }
    } while (loop >= 0);
}

#endif
