#ifndef STAND_IN_CONV_H
#define STAND_IN_CONV_H

#include "tensorflow/lite/c/common.h"

namespace tflite {

TFLMRegistration Register_CONV_2D();

inline TFLMRegistration Register_CONV_2D_INT8() {
  return Register_CONV_2D();
}

}  // namespace tflite

#endif
