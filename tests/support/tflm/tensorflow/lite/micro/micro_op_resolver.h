#ifndef STAND_IN_OP_RESOLVER_H
#define STAND_IN_OP_RESOLVER_H

namespace tflite {

class MicroOpResolver {
 public:
  virtual unsigned count() const = 0;

 protected:
  ~MicroOpResolver() {}
};

}  // namespace tflite

#endif
