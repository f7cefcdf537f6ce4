#pragma once
#define CHECK(condition) \
  do {                   \
    if (!(condition)) {  \
      __builtin_trap();  \
    }                    \
  } while (0)
