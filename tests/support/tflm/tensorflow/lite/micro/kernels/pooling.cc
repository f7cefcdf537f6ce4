#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_AVERAGE_POOL_2D() {
  return {1};
}

TFLMRegistration Register_MAX_POOL_2D() {
  return {17};
}

}  // namespace tflite
