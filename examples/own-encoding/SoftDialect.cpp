// What every dialect has, whatever its ops.
#include "SoftWindow.h"

#include "SoftWindowDialect.cpp.inc"
#define GET_OP_CLASSES
#include "SoftWindow.cpp.inc"

void soft::SoftDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "SoftWindow.cpp.inc"
      >();
}
