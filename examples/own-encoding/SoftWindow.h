// The dialect `soft` and its op, as TableGen writes them.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "posenc/Dialect/PosEnc/IR/PosEnc.h"

#include "SoftWindowDialect.h.inc"
#define GET_OP_CLASSES
#include "SoftWindow.h.inc"
