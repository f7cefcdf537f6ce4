/* Look-up of int8 functions. The argument's byte read as unsigned is the index: no offset to add. */
#include "tk_lut_s8.h"

void tk_lut_s8(const tk_lut_s8_params *p, const int8_t *in, int8_t *out)
{
    const int8_t *const table = p->table;
    const int8_t *const end = in + p->count;
    const int8_t *const end_by_4 = in + (p->count & ~3);

    for (; in != end_by_4; in += 4, out += 4) {
        out[0] = table[(uint8_t)in[0]];
        out[1] = table[(uint8_t)in[1]];
        out[2] = table[(uint8_t)in[2]];
        out[3] = table[(uint8_t)in[3]];
    }
    while (in != end) {
        *out++ = table[(uint8_t)*in++];
    }
}
