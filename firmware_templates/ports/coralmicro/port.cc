// Coral Dev Board Micro over coralmicro: a serial port over USB is the line, the core's cycle counter the clock.
//
// coralmicro's own main() starts network, camera, Edge TPU and a console that receives nothing over USB. This one starts
// what the agent needs: the board, timers, USB. The agent is one FreeRTOS task; what else runs is the tick interrupt
// (200 a second), and the USB task when something comes.
//
// Sources: coralmicro's headers (libs/base, libs/cdc_acm, libs/usb) and its libs/base/main_freertos_m7.cc, which says
// what has to be set up in which order; Armv7-M Architecture Reference Manual, DDI 0403 (DWT); i.MX RT1170 Processor
// Reference Manual (IOMUXC_GPR16).

#include <functional>

#include "libs/base/check.h"
#include "libs/base/gpio.h"
#include "libs/base/reset.h"
#include "libs/base/timer.h"
#include "libs/cdc_acm/cdc_acm.h"
#include "libs/nxp/rt1176-sdk/board_hardware.h"
#include "libs/usb/usb_device_task.h"
#include "third_party/freertos_kernel/include/FreeRTOS.h"
#include "third_party/freertos_kernel/include/stream_buffer.h"
#include "third_party/freertos_kernel/include/task.h"
#include "third_party/nxp/rt1176-sdk/devices/MIMXRT1176/drivers/fsl_common.h"

extern "C" {
#include "tk_config.h"
#include "tk_port.h"

// Of the agent. The build gives its main() this name: the board's main() is below.
int tk_agent_main(void);

// FreeRTOS allots the stack; how much of it is used is not measured.
extern uint8_t tk_stack_bottom[1];
extern uint8_t tk_stack_top[1];
uint8_t tk_stack_bottom[1];
extern uint8_t tk_stack_top[1] __attribute__((alias("tk_stack_bottom")));
}

namespace {

constexpr size_t kReceiveBytes = 4096;  // more than the largest frame
constexpr size_t kSendBytes = 256;      // CdcAcm takes at most 512 at once

// USB comes first: it is idle while the model runs.
constexpr UBaseType_t kUsbPriority = configMAX_PRIORITIES - 1;
constexpr UBaseType_t kAgentPriority = configMAX_PRIORITIES - 2;
constexpr configSTACK_DEPTH_TYPE kUsbStackWords = 1024;
constexpr configSTACK_DEPTH_TYPE kAgentStackWords = TK_STACK_BYTES / sizeof(StackType_t);

constexpr uint32_t kDebugTraceEnable = 1u << 24;   // DEMCR.TRCENA
constexpr uint32_t kCycleCounterEnable = 1u << 0;  // DWT_CTRL.CYCCNTENA
constexpr uint32_t kLockAccess = 0xC5ACCE55u;      // DWT_LAR; the Cortex-M7 insists on it

volatile uint32_t &Register(uintptr_t address) {
  return *reinterpret_cast<volatile uint32_t *>(address);
}

volatile uint32_t &CycleCounter() {
  return Register(0xE0001004u);
}

StreamBufferHandle_t received;
uint32_t first_cycle;
TickType_t first_tick;

coralmicro::CdcAcm &Line() {
  static coralmicro::CdcAcm line;
  return line;
}

void StartLine() {
  auto *usb = coralmicro::UsbDeviceTask::GetSingleton();
  auto &line = Line();
  const uint8_t interrupt_in = usb->next_descriptor_value();
  const uint8_t bulk_in = usb->next_descriptor_value();
  const uint8_t bulk_out = usb->next_descriptor_value();
  const uint8_t control_interface = usb->next_interface_value();
  const uint8_t data_interface = usb->next_interface_value();
  line.Init(interrupt_in, bulk_in, bulk_out, control_interface, data_interface,
            [](const uint8_t *data, const uint32_t n) { (void)xStreamBufferSend(received, data, n, 0); });
  usb->AddDevice(
      line.config_data(), [&line](class_handle_t handle) { line.SetClassHandle(handle); },
      [&line](uint32_t event, void *param) { return line.HandleEvent(event, param); }, line.descriptor_data(),
      line.descriptor_data_size());
  CHECK(usb->Init());
}

void RunUsb(void *) {
  while (true) {
    coralmicro::UsbDeviceTask::GetSingleton()->UsbDeviceTaskFn();
    taskYIELD();
  }
}

void RunAgent(void *) {
  (void)tk_agent_main();
  tk_port_reset();
}

}  // namespace

extern "C" int main(int, char **) {
  BOARD_InitHardware(true);
  coralmicro::ResetStoreStats();
  coralmicro::TimerInit();
  coralmicro::GpioInit();
  received = xStreamBufferCreate(kReceiveBytes, 1);
  CHECK(received != nullptr);
  StartLine();
  CHECK(xTaskCreate(RunUsb, "usb", kUsbStackWords, nullptr, kUsbPriority, nullptr) == pdPASS);
  CHECK(xTaskCreate(RunAgent, "tinykit", kAgentStackWords, nullptr, kAgentPriority, nullptr) == pdPASS);
  // USB reads and writes its buffers in the DTCM also while the core sleeps.
  IOMUXC_GPR->GPR16 |= IOMUXC_GPR_GPR16_CM7_FORCE_HCLK_EN(1);
  vTaskStartScheduler();
  return 0;
}

void tk_port_init(void) {
  Register(0xE000EDFCu) |= kDebugTraceEnable;
  Register(0xE0001FB0u) = kLockAccess;
  Register(0xE0001000u) |= kCycleCounterEnable;
  first_cycle = CycleCounter();
  first_tick = xTaskGetTickCount();
}

int tk_port_getc(void) {
  static uint8_t buffer[256];
  static size_t next, end;
  if (next == end) {
    next = 0;
    end = xStreamBufferReceive(received, buffer, sizeof buffer, portMAX_DELAY);
  }
  return next == end ? -1 : buffer[next++];
}

void tk_port_write(const uint8_t *data, size_t n) {
  while (n > 0) {
    const size_t now = n < kSendBytes ? n : kSendBytes;
    if (!Line().Transmit(data, now)) {
      return;  // nobody listens
    }
    data += now;
    n -= now;
  }
}

// The core's counter has 32 bits: 5 s at 800 MHz. FreeRTOS's tick comes from the same clock and says which turn it is
// in. The low 32 bits are exact.
uint64_t tk_port_ticks(void) {
  const uint64_t ticks = xTaskGetTickCount() - first_tick;
  const uint64_t estimate = ticks * (SystemCoreClock / configTICK_RATE_HZ);
  const uint32_t low = CycleCounter() - first_cycle;
  return estimate + static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(low - static_cast<uint32_t>(estimate))));
}

void tk_port_reset(void) {
  vTaskDelay(pdMS_TO_TICKS(50));  // what was sent has to leave
  coralmicro::ResetToFlash();
  while (true) {
  }
}
