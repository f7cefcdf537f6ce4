/* An output as TFLite-Micro computes it, for the few channels whose outputs cannot be had with output_of_sum. */
#ifndef TK_M0_OUTPUT_H
#define TK_M0_OUTPUT_H

#ifndef __ASSEMBLER__

#include <stdint.h>

/* shift_and_zero_point: both signed, the shift in the low byte, the zero point in the one above; clamp: least, largest. */
int32_t tk_m0_output(int32_t sum, int32_t multiplier, uint32_t shift_and_zero_point, const int32_t *clamp);

#endif

#endif
