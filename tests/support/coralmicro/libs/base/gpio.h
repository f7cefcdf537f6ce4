#pragma once
namespace coralmicro {
void GpioInit();
}
