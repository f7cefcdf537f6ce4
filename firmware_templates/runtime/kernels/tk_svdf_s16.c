/* SVDF, int8 with an int16 state: portable C. */
#include "tk_svdf_s16.h"

#include "tk_common.h"

TK_SVDF(tk_svdf_s16, int16_t, INT16_MIN, INT16_MAX)
