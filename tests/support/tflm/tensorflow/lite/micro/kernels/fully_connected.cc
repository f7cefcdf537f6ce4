#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_FULLY_CONNECTED() {
  return {9};
}

}  // namespace tflite
