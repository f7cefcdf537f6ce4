/* SVDF, int8 with an int8 state: portable C. */
#include "tk_svdf_s8.h"

#include "tk_common.h"

TK_SVDF(tk_svdf_s8, int8_t, INT8_MIN, INT8_MAX)
