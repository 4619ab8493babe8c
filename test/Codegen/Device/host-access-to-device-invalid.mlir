// RUN: posenc-opt %s --allow-unregistered-dialect --posenc-host-access-to-device -split-input-file -verify-diagnostics

func.func @negative_unknown_op(%x: memref<4xf32>) {
  // expected-error @below {{'test.op' op expected an op that can run on the device, since one of its buffers is there}}
  "test.op"(%x) : (memref<4xf32>) -> ()
  return
}

// -----

func.func @negative_strided_shape(%x: memref<?xf32>, %s: memref<2xi64, strided<[3]>>) {
  // expected-error @below {{'memref.reshape' op expected a contiguous shape operand but got 'memref<2xi64, strided<[3]>>'}}
  %r = memref.reshape %x(%s) : (memref<?xf32>, memref<2xi64, strided<[3]>>) -> memref<?x?xf32>
  return
}
