#ifndef STAND_IN_SCHEMA_H
#define STAND_IN_SCHEMA_H

#include <stdint.h>

#include "flatbuffers/flatbuffers.h"

namespace tflite {

class Model {
 public:
  uint32_t version() const {
    return 3;
  }
};

inline const Model *GetModel(const void *buffer) {
  return static_cast<const Model *>(buffer);
}

}  // namespace tflite

#endif
