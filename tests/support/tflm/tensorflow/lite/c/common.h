#ifndef STAND_IN_COMMON_H
#define STAND_IN_COMMON_H

#include <stddef.h>
#include <stdint.h>

enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 };

union TfLitePtrUnion {
  char *raw;
  const char *raw_const;
};

struct TfLiteTensor {
  TfLitePtrUnion data;
};

struct TFLMRegistration {
  int builtin_code;
};

#endif
