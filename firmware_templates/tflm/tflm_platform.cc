// What TFLite-Micro asks of a platform: where its messages go, set-up, a clock.
//
// Declared in tensorflow/lite/micro/debug_log.h, system_setup.h and micro_time.h.

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "tk_config.h"

extern "C" {
#include "tk_port.h"
}

extern "C" void DebugLog(const char *format, va_list args);
extern "C" int DebugLogVsnprintf(char *buffer, size_t size, const char *format, va_list args);

// A message means that something failed. It is sent as a fault report is, which the host looks for between frames;
// without the numbers in it, because formatting them would double the size of the firmware.
extern "C" void DebugLog(const char *format, va_list) {
  static const char mark[] = "\r\ntk-fault: TFLite-Micro: ";
  static const uint8_t zero = 0;
  size_t length = 0;
  while (format[length] != '\0' && format[length] != '\n') {
    length++;
  }
  if (length == 0) {
    return;
  }
  tk_port_write(&zero, 1);
  tk_port_write(reinterpret_cast<const uint8_t *>(mark), sizeof mark - 1);
  tk_port_write(reinterpret_cast<const uint8_t *>(format), length);
  tk_port_write(reinterpret_cast<const uint8_t *>("\r\n"), 2);
  tk_port_write(&zero, 1);
}

extern "C" int DebugLogVsnprintf(char *buffer, size_t size, const char *, va_list) {
  if (size > 0) {
    buffer[0] = '\0';
  }
  return 0;
}

#if !defined(__unix__)
// Virtual destructors name the deleting operators, and libstdc++'s would bring a heap along. Nothing is ever deleted, and
// no pure function is ever called: the core stops, which the port reports.
void operator delete(void *) noexcept {
  __builtin_trap();
}

void operator delete(void *, size_t) noexcept {
  __builtin_trap();
}

extern "C" void __cxa_pure_virtual();
extern "C" void __cxa_pure_virtual() {
  __builtin_trap();
}
#endif

// Versions of TFLite-Micro before 2026 declare these in the namespace tflite, later ones in tflite::micro. The linker takes
// those that are asked for.
namespace tflite {

void InitializeTarget();
uint32_t ticks_per_second();
uint32_t GetCurrentTimeTicks();

// tk_port_init() did it.
void InitializeTarget() {}

uint32_t ticks_per_second() {
  return TK_COUNTER_HZ;
}

uint32_t GetCurrentTimeTicks() {
  return static_cast<uint32_t>(tk_port_ticks());
}

namespace micro {

void InitializeTarget();
uint32_t ticks_per_second();
uint32_t GetCurrentTimeTicks();

void InitializeTarget() {}

uint32_t ticks_per_second() {
  return tflite::ticks_per_second();
}

uint32_t GetCurrentTimeTicks() {
  return tflite::GetCurrentTimeTicks();
}

}  // namespace micro
}  // namespace tflite
