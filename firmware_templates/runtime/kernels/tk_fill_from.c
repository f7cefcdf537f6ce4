/* FILL with a value that is computed at run time. */
#include "tk_fill_from.h"

#include <string.h>

void tk_fill_from(const tk_fill_from_params *p, const void *value, void *out)
{
    const uint32_t size = p->size;
    uint8_t *to = out;

    for (uint32_t n = p->count; n > 0; n--) {
        memcpy(to, value, size);
        to += size;
    }
}
