/* SELECT_V2 of elements of 16 bits. */
#include "tk_select_16.h"

TK_SELECT(tk_select_16, uint16_t)
