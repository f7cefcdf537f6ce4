#ifndef STAND_IN_MICRO_INTERPRETER_H
#define STAND_IN_MICRO_INTERPRETER_H

#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/micro/micro_op_resolver.h"
#include "tensorflow/lite/micro/micro_profiler_interface.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {

class MicroResourceVariables;

class MicroInterpreter {
 public:
  MicroInterpreter(const Model *model, const MicroOpResolver& op_resolver, uint8_t *tensor_arena,
                   size_t tensor_arena_size, MicroResourceVariables *resource_variables = nullptr,
                   MicroProfilerInterface *profiler = nullptr, bool preserve_all_tensors = false);
  ~MicroInterpreter();

  TfLiteStatus AllocateTensors();
  TfLiteStatus Invoke();
  TfLiteTensor *input(size_t index);
  TfLiteTensor *output(size_t index);

 private:
  const MicroOpResolver& op_resolver_;
  MicroProfilerInterface *profiler_;
  size_t arena_size_;
  TfLiteTensor tensor_;
};

}  // namespace tflite

#endif
