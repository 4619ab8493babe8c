// RUN: posenc-opt --posenc-request-host-interface %s | FileCheck %s

// CHECK: func.func @public() attributes {llvm.emit_c_interface}
func.func @public() {
  return
}
// CHECK: func.func private @private() {
func.func private @private() {
  return
}
// CHECK: func.func private @declaration(){{$}}
func.func private @declaration()
