/* Sets every element of an array to one value. */
#include "tk_fill.h"

#include <string.h>

void tk_fill(const tk_fill_params *p, void *out)
{
    uint8_t *to = out;

    if (p->size == 1) {
        memset(to, p->element[0], p->count);
        return;
    }
    for (uint32_t n = p->count; n > 0; n--) {
        for (uint32_t i = 0; i < p->size; i++) {
            *to++ = p->element[i];
        }
    }
}
