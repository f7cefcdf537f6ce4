#pragma once
#include "libs/usb/usb_device_task.h"

namespace coralmicro {

class CdcAcm {
 public:
  using RxHandler = std::function<void(const uint8_t *, const uint32_t)>;

  CdcAcm() = default;
  CdcAcm(const CdcAcm &) = delete;
  CdcAcm &operator=(const CdcAcm &) = delete;
  void Init(uint8_t interrupt_in_ep, uint8_t bulk_in_ep, uint8_t bulk_out_ep, uint8_t comm_iface, uint8_t data_iface,
            RxHandler rx_handler);
  const usb_device_class_config_struct_t &config_data() const;
  const void *descriptor_data() const;
  size_t descriptor_data_size() const;
  void SetClassHandle(class_handle_t class_handle);
  bool HandleEvent(uint32_t event, void *param);
  bool Transmit(const uint8_t *buffer, const size_t length);
};

}  // namespace coralmicro
