/* SELECT_V2 of elements of 8 bits. */
#include "tk_select_8.h"

TK_SELECT(tk_select_8, uint8_t)
