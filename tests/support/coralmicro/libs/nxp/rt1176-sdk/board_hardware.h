#pragma once
#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
void BOARD_InitHardware(bool init_console);
#ifdef __cplusplus
}
#endif
