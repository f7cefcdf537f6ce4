#include "tk_m0_output.h"

#include "tk_common.h"

int32_t tk_m0_output(int32_t sum, int32_t multiplier, uint32_t shift_and_zero_point, const int32_t *clamp)
{
    const int32_t shift = (int8_t)(shift_and_zero_point & 0xffu);
    const int32_t zero_point = (int8_t)((shift_and_zero_point >> 8) & 0xffu);

    return tk_clamp(tk_requantize(sum, multiplier, shift) + zero_point, clamp[0], clamp[1]);
}
