#ifndef STAND_IN_SYSTEM_SETUP_H
#define STAND_IN_SYSTEM_SETUP_H

// As later versions have it: in micro, and by another name in tflite.
namespace tflite {
namespace micro {
void InitializeTarget();
}

using micro::InitializeTarget;
}  // namespace tflite

#endif
