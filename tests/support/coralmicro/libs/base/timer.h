#pragma once
namespace coralmicro {
void TimerInit();
}
