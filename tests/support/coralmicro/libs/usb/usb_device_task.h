#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

typedef void *class_handle_t;
struct usb_device_class_config_struct_t {
  class_handle_t classHandle;
};

namespace coralmicro {

class UsbDeviceTask {
 public:
  using UsbSetHandleCallback = std::function<void(class_handle_t)>;
  using UsbHandleEventCallback = std::function<bool(uint32_t, void *)>;

  UsbDeviceTask(const UsbDeviceTask &) = delete;
  UsbDeviceTask &operator=(const UsbDeviceTask &) = delete;
  void AddDevice(const usb_device_class_config_struct_t &config, UsbSetHandleCallback sh_cb,
                 UsbHandleEventCallback he_cb, const void *descriptor_data, size_t descriptor_data_size);
  bool Init();
  static UsbDeviceTask *GetSingleton();
  void UsbDeviceTaskFn();
  uint8_t next_descriptor_value();
  uint8_t next_interface_value();
};

}  // namespace coralmicro
