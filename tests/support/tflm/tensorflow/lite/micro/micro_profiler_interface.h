#ifndef STAND_IN_PROFILER_H
#define STAND_IN_PROFILER_H

#include <stdint.h>

namespace tflite {
namespace micro {

class MicroProfilerInterface {
 public:
  virtual ~MicroProfilerInterface() {}
  virtual uint32_t BeginEvent(const char *tag) = 0;
  virtual void EndEvent(uint32_t event_handle) = 0;
};

}  // namespace micro

using micro::MicroProfilerInterface;

}  // namespace tflite

#endif
