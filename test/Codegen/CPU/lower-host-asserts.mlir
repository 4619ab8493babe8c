// RUN: posenc-opt --posenc-lower-host-asserts %s | FileCheck %s

// Equal messages share a global, whose name gives way to others.
//   CHECK-DAG: llvm.mlir.global private constant @assert_message_0("too long\0A")
//   CHECK-DAG: llvm.mlir.global private constant @[[OTHER:assert_message.*]]("too short\0A")
//   CHECK-DAG: llvm.mlir.global private constant @assert_message("mine")
llvm.mlir.global private constant @assert_message("mine")

// CHECK-LABEL: func @two_asserts
//       CHECK:   cf.cond_br %arg0, ^[[OK:.*]], ^[[FAIL:.*]]
//       CHECK: ^[[FAIL]]:
//       CHECK:   %[[FD:.*]] = llvm.mlir.constant(2 : i32)
//       CHECK:   %[[TEXT:.*]] = llvm.mlir.addressof @assert_message_0
//       CHECK:   %[[SIZE:.*]] = llvm.mlir.constant(9 : i64)
//       CHECK:   llvm.call @write(%[[FD]], %[[TEXT]], %[[SIZE]])
//       CHECK:   llvm.call @abort()
//       CHECK:   llvm.unreachable
//       CHECK: ^[[OK]]:
func.func @two_asserts(%a: i1, %b: i1, %c: i1) {
  cf.assert %a, "too long"
  cf.assert %b, "too short"
  cf.assert %c, "too long"
  return
}
