/* Look-up of functions of a byte. */
#include "tk_lut_8.h"

void tk_lut_8(const tk_lut_8_params *p, const void *in, void *out)
{
    const uint8_t *const table = p->table;
    const uint8_t *from = in;
    const uint8_t *const end = from + p->count;
    uint8_t *to = out;

    while (from != end) {
        *to++ = table[*from++];
    }
}
