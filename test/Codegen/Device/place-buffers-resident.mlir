// RUN: posenc-opt %s --posenc-place-buffers="resident-constants=true" --split-input-file | FileCheck %s

// The runtime's copy of a weight in place of one per call: nothing is allocated, copied or freed for it.

// CHECK: llvm.func @posenc_constant_on_device(!llvm.ptr, i64) -> !llvm.ptr
// CHECK: memref.global "private" constant @weight
// CHECK-LABEL: func.func private @weight_of_a_kernel(
// CHECK-SAME: %[[OUT:.*]]: memref<2x3xbf16>)
// CHECK: %[[HOST:.*]] = memref.get_global @weight
// CHECK: %[[INDEX:.*]] = memref.extract_aligned_pointer_as_index %[[HOST]]
// CHECK: %[[NUMBER:.*]] = arith.index_cast %[[INDEX]] : index to i64
// CHECK: %[[ADDRESS:.*]] = llvm.inttoptr %[[NUMBER]]
// CHECK: %[[BYTES:.*]] = llvm.mlir.constant(12 : i64)
// CHECK: %[[COPY:.*]] = llvm.call @posenc_constant_on_device(%[[ADDRESS]], %[[BYTES]])
// CHECK: llvm.insertvalue %[[COPY]], %{{.*}}[0]
// CHECK: llvm.insertvalue %[[COPY]], %{{.*}}[1]
// The strides are 3 and 1.
// CHECK: llvm.mlir.constant(3 : i64)
// CHECK-NEXT: llvm.insertvalue %{{.*}}[3, 1]
// CHECK-NEXT: llvm.mlir.constant(1 : i64)
// CHECK-NEXT: llvm.insertvalue %{{.*}}[4, 1]
// CHECK-NEXT: llvm.mlir.constant(2 : i64)
// CHECK-NEXT: llvm.insertvalue %{{.*}}[3, 0]
// CHECK-NEXT: llvm.mlir.constant(3 : i64)
// CHECK-NEXT: llvm.insertvalue %{{.*}}[4, 0]
// CHECK: %[[DEVICE:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<2x3xbf16>
// CHECK-NOT: gpu.alloc
// CHECK-NOT: gpu.memcpy
// CHECK: gpu.launch
// CHECK: memref.load %[[DEVICE]]
// CHECK-NOT: gpu.dealloc
// CHECK: return
memref.global "private" constant @weight : memref<2x3xbf16> = dense<1.0>
func.func private @weight_of_a_kernel(%out: memref<2x3xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w = memref.get_global @weight : memref<2x3xbf16>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    %v = memref.load %w[%c0, %c0] : memref<2x3xbf16>
    memref.store %v, %out[%c0, %c0] : memref<2x3xbf16>
    gpu.terminator
  }
  return
}

// -----

// Without dimensions there are no arrays of them.

// CHECK-LABEL: func.func private @scalar(
// CHECK: llvm.mlir.poison : !llvm.struct<(ptr, ptr, i64)>
// CHECK: %[[DEVICE:.*]] = builtin.unrealized_conversion_cast %{{.*}} : !llvm.struct<(ptr, ptr, i64)> to memref<index>
// CHECK: memref.load %[[DEVICE]]
memref.global "private" constant @one : memref<index> = dense<1>
func.func private @scalar(%out: memref<index>) {
  %c1 = arith.constant 1 : index
  %0 = memref.get_global @one : memref<index>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    %v = memref.load %0[] : memref<index>
    memref.store %v, %out[] : memref<index>
    gpu.terminator
  }
  return
}

// -----

// Two constants, of which the first is the function's first operation.

// CHECK-LABEL: func.func @two_results(
// CHECK: memref.get_global @a
// CHECK: posenc_constant_on_device
// CHECK: memref.get_global @b
// CHECK: posenc_constant_on_device
// CHECK-NOT: memref.get_global
// CHECK: gpu.launch
memref.global "private" constant @a : memref<4xf32> = dense<1.0>
memref.global "private" constant @b : memref<2xf32> = dense<2.0>
func.func @two_results(%out: memref<4xf32>) {
  %a = memref.get_global @a : memref<4xf32>
  %b = memref.get_global @b : memref<2xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    %v = memref.load %a[%c0] : memref<4xf32>
    %w = memref.load %b[%c0] : memref<2xf32>
    %x = arith.addf %v, %w : f32
    memref.store %x, %out[%c0] : memref<4xf32>
    gpu.terminator
  }
  return
}
