#pragma once
#include <stdint.h>
typedef struct {
  volatile uint32_t GPR16;
} IOMUXC_GPR_Type;
#define IOMUXC_GPR ((IOMUXC_GPR_Type *)0x400E4000u)
#define IOMUXC_GPR_GPR16_CM7_FORCE_HCLK_EN(x) (((uint32_t)(x) << 3u) & 0x8u)
