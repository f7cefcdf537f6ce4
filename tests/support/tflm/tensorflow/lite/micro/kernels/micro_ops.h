#ifndef STAND_IN_MICRO_OPS_H
#define STAND_IN_MICRO_OPS_H

#include "tensorflow/lite/c/common.h"

namespace tflite {

TFLMRegistration Register_AVERAGE_POOL_2D();
TFLMRegistration Register_DEPTHWISE_CONV_2D();
TFLMRegistration Register_FULLY_CONNECTED();
TFLMRegistration Register_MAX_POOL_2D();
TFLMRegistration Register_RESHAPE();
TFLMRegistration Register_SOFTMAX();

}  // namespace tflite

#endif
