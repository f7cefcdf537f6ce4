#ifndef STAND_IN_MUTABLE_OP_RESOLVER_H
#define STAND_IN_MUTABLE_OP_RESOLVER_H

#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/micro/kernels/conv.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"
#include "tensorflow/lite/micro/micro_op_resolver.h"

namespace tflite {

template <unsigned int tOpCount>
class MicroMutableOpResolver : public MicroOpResolver {
 public:
  TfLiteStatus AddAveragePool2D(const TFLMRegistration& registration = Register_AVERAGE_POOL_2D()) {
    return AddBuiltin(registration);
  }
  TfLiteStatus AddConv2D(const TFLMRegistration& registration = Register_CONV_2D()) {
    return AddBuiltin(registration);
  }
  TfLiteStatus AddDepthwiseConv2D(const TFLMRegistration& registration = Register_DEPTHWISE_CONV_2D()) {
    return AddBuiltin(registration);
  }
  TfLiteStatus AddFullyConnected(const TFLMRegistration& registration = Register_FULLY_CONNECTED()) {
    return AddBuiltin(registration);
  }
  TfLiteStatus AddMaxPool2D(const TFLMRegistration& registration = Register_MAX_POOL_2D()) {
    return AddBuiltin(registration);
  }
  TfLiteStatus AddReshape() {
    return AddBuiltin(Register_RESHAPE());
  }
  TfLiteStatus AddSoftmax(const TFLMRegistration& registration = Register_SOFTMAX()) {
    return AddBuiltin(registration);
  }

  unsigned count() const override {
    return count_;
  }

 private:
  TfLiteStatus AddBuiltin(const TFLMRegistration& registration) {
    if (count_ >= tOpCount) {
      return kTfLiteError;
    }
    registrations_[count_++] = registration;
    return kTfLiteOk;
  }

  TFLMRegistration registrations_[tOpCount];
  unsigned count_ = 0;
};

}  // namespace tflite

#endif
