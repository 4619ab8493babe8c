// RUN: posenc-opt %s --posenc-place-buffers -split-input-file -verify-diagnostics

// expected-error @below {{'func.func' op expected contiguous memrefs at the boundary of a public function but got 'memref<4xf32, strided<[2]>>'}}
func.func @negative_strided(%x: memref<4xf32, strided<[2]>>) {
  return
}

// -----

// expected-error @below {{'func.func' op expected contiguous memrefs at the boundary of a public function but got 'memref<*xf32>'}}
func.func @negative_unranked(%x: memref<*xf32>) {
  return
}

// -----

memref.global "private" @state : memref<4xf32> = dense<0.0>
func.func @negative_mutable() -> memref<4xf32> {
  // expected-error @below {{'memref.get_global' op expected a constant global on the device but got 'state'}}
  %w = memref.get_global @state : memref<4xf32>
  return %w : memref<4xf32>
}

// -----

func.func @negative_strided_copy(%x: memref<8xf32>, %y: memref<4xf32>) {
  %v = memref.subview %x[0] [4] [2] : memref<8xf32> to memref<4xf32, strided<[2]>>
  // expected-error @below {{'memref.copy' op expected contiguous buffers on the device but got 'memref<4xf32, strided<[2]>>'}}
  memref.copy %v, %y : memref<4xf32, strided<[2]>> to memref<4xf32>
  return
}
