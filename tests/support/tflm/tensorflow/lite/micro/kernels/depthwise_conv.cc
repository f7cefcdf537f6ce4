#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_DEPTHWISE_CONV_2D() {
  return {4};
}

}  // namespace tflite
