/* SELECT_V2 of elements of 32 bits. */
#include "tk_select_32.h"

TK_SELECT(tk_select_32, uint32_t)
