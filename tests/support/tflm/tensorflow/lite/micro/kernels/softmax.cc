#include "fixedpoint/fixedpoint.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_SOFTMAX() {
  return {25};
}

}  // namespace tflite
