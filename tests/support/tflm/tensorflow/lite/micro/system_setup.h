#ifndef STAND_IN_SYSTEM_SETUP_H
#define STAND_IN_SYSTEM_SETUP_H

namespace tflite {
void InitializeTarget();
}

#endif
