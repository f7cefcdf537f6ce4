#include "tensorflow/lite/micro/micro_interpreter.h"

#include "tensorflow/lite/micro/debug_log.h"
#include "tensorflow/lite/micro/system_setup.h"

namespace tflite {
namespace {

// As messages reach DebugLog() in TFLite-Micro.
void Print(const char *format, ...) {
  va_list args;
  va_start(args, format);
  DebugLog(format, args);
  va_end(args);
}

}  // namespace

MicroInterpreter::MicroInterpreter(const Model *, const MicroOpResolver& op_resolver, uint8_t *tensor_arena,
                                   size_t tensor_arena_size, MicroResourceVariables *,
                                   MicroProfilerInterface *profiler, bool)
    : op_resolver_(op_resolver), profiler_(profiler), arena_size_(tensor_arena_size), tensor_() {
  tensor_.data.raw = reinterpret_cast<char *>(tensor_arena);
}

MicroInterpreter::~MicroInterpreter() {}

TfLiteStatus MicroInterpreter::AllocateTensors() {
  InitializeTarget();
  if (arena_size_ < 64) {
    Print("Failed to resize buffer. Requested: %u, available %u", 64u, static_cast<unsigned>(arena_size_));
    return kTfLiteError;
  }
  return kTfLiteOk;
}

// Announces one operator for each that was registered, and a part of it, as kernels may.
TfLiteStatus MicroInterpreter::Invoke() {
  for (unsigned i = 0; i < op_resolver_.count(); i++) {
    const uint32_t operation = profiler_->BeginEvent("operator");
    profiler_->EndEvent(profiler_->BeginEvent("part"));
    profiler_->EndEvent(operation);
  }
  return kTfLiteOk;
}

TfLiteTensor *MicroInterpreter::input(size_t) {
  return &tensor_;
}

TfLiteTensor *MicroInterpreter::output(size_t) {
  return &tensor_;
}

}  // namespace tflite
