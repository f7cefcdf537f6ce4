#include "tensorflow/lite/micro/kernels/conv.h"

namespace tflite {

TFLMRegistration Register_CONV_2D() {
  return {3};
}

}  // namespace tflite
