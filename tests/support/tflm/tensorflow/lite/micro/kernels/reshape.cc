#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_RESHAPE() {
  return {22};
}

}  // namespace tflite
