// RUN: posenc-opt %s --posenc-place-buffers | FileCheck %s
// RUN: posenc-opt %s --posenc-place-buffers=device-entry=true | FileCheck %s --check-prefix=DEVICE

module attributes {gpu.container_module} {
  memref.global "private" constant @weight : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>

  // CHECK-LABEL: func.func @entry
  // CHECK-SAME: %[[X:.*]]: memref<?xf32>
  // CHECK: %[[DX:.*]] = gpu.alloc (%{{.*}}) : memref<?xf32>
  // CHECK: gpu.memcpy %[[DX]], %[[X]]
  // CHECK: %[[W:.*]] = memref.get_global @weight
  // CHECK: %[[DW:.*]] = gpu.alloc () : memref<4xf32>
  // CHECK: gpu.memcpy %[[DW]], %[[W]]
  // CHECK: %[[DY:.*]] = gpu.alloc (%{{.*}}) : memref<?xf32>
  // CHECK: gpu.launch_func {{.*}} args(%[[DX]] : memref<?xf32>, %[[DW]] : memref<4xf32>, %[[DY]] : memref<?xf32>)
  // CHECK: gpu.memcpy %[[TMP:.*]], %[[DY]]
  // CHECK: gpu.dealloc %[[TMP]]
  // CHECK: %[[Y:.*]] = memref.alloc(%{{.*}}) : memref<?xf32>
  // CHECK: gpu.memcpy %[[Y]], %[[DY]]
  // CHECK: gpu.dealloc %[[DY]]
  // CHECK: return %[[Y]]
  // DEVICE-LABEL: func.func @entry
  // DEVICE-SAME: %[[X:.*]]: memref<?xf32>
  // DEVICE: %[[DW:.*]] = gpu.alloc () : memref<4xf32>
  // DEVICE: %[[DY:.*]] = gpu.alloc
  // DEVICE: gpu.launch_func {{.*}} args(%[[X]] : memref<?xf32>, %[[DW]] : memref<4xf32>, %[[DY]] : memref<?xf32>)
  // DEVICE-NOT: memref.alloc
  // DEVICE: return %[[DY]]
  func.func @entry(%x: memref<?xf32>) -> memref<?xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n = memref.dim %x, %c0 : memref<?xf32>
    %w = memref.get_global @weight : memref<4xf32>
    %y = memref.alloc(%n) : memref<?xf32>
    gpu.launch_func @kernels::@f blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%x : memref<?xf32>, %w : memref<4xf32>, %y : memref<?xf32>)
    %t = memref.alloc(%n) : memref<?xf32>
    memref.copy %y, %t : memref<?xf32> to memref<?xf32>
    memref.dealloc %t : memref<?xf32>
    return %y : memref<?xf32>
  }

  /// A shape that only the host uses, and a stack buffer that kernels use.
  // CHECK-LABEL: func.func @locals
  // CHECK: memref.alloc() : memref<1xindex>
  // CHECK: %[[A:.*]] = gpu.alloc () : memref<4xf32>
  // CHECK: gpu.launch_func {{.*}} args(%{{.*}}, %[[A]] : memref<4xf32>, %{{.*}})
  // CHECK: memref.dealloc
  // CHECK: gpu.dealloc %[[A]]
  func.func @locals(%x: memref<?xf32>, %n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %s = memref.alloc() : memref<1xindex>
    memref.store %n, %s[%c0] : memref<1xindex>
    %r = memref.reshape %x(%s) : (memref<?xf32>, memref<1xindex>) -> memref<?xf32>
    %a = memref.alloca() : memref<4xf32>
    gpu.launch_func @kernels::@f blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%r : memref<?xf32>, %a : memref<4xf32>, %r : memref<?xf32>)
    memref.dealloc %s : memref<1xindex>
    return
  }

  /// Results that are one buffer: copied before it is freed, once.
  // CHECK-LABEL: func.func @views
  // CHECK: %[[DX:.*]] = gpu.alloc () : memref<4xf32>
  // CHECK: %[[DY:.*]] = gpu.alloc () : memref<4xf32>
  // CHECK-NOT: gpu.dealloc
  // CHECK-COUNT-4: gpu.memcpy %{{.*}}, %{{.*}} : memref<{{.*}}
  // CHECK-NOT: gpu.memcpy
  // CHECK: gpu.dealloc %[[DY]]
  // CHECK: gpu.dealloc %[[DX]]
  // CHECK-NOT: gpu.dealloc
  // CHECK: return
  func.func @views(%x: memref<4xf32>) -> (memref<4xf32>, memref<2x2xf32>, memref<4xf32>, memref<2x2xf32>) {
    %c1 = arith.constant 1 : index
    %y = memref.alloc() : memref<4xf32>
    gpu.launch_func @kernels::@g blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%x : memref<4xf32>, %y : memref<4xf32>)
    %v = memref.expand_shape %y [[0, 1]] output_shape [2, 2] : memref<4xf32> into memref<2x2xf32>
    %w = memref.expand_shape %x [[0, 1]] output_shape [2, 2] : memref<4xf32> into memref<2x2xf32>
    return %y, %v, %y, %w : memref<4xf32>, memref<2x2xf32>, memref<4xf32>, memref<2x2xf32>
  }

  /// Which buffer it is, is known when it runs.
  // CHECK-LABEL: func.func @selected
  // CHECK: %[[S:.*]] = arith.select
  // CHECK-NOT: scf.if
  // CHECK: gpu.dealloc %{{.*}} : memref<4xf32>
  // CHECK: %[[NEW:.*]] = arith.cmpi ne
  // CHECK: scf.if %[[NEW]]
  // CHECK-NEXT: gpu.dealloc %[[S]] : memref<4xf32>
  // CHECK: return
  func.func @selected(%p: i1) -> (memref<4xf32>, memref<4xf32>) {
    %c1 = arith.constant 1 : index
    %x = memref.alloc() : memref<4xf32>
    %y = memref.alloc() : memref<4xf32>
    gpu.launch_func @kernels::@g blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%x : memref<4xf32>, %y : memref<4xf32>)
    %s = arith.select %p, %x, %y : memref<4xf32>
    return %y, %s : memref<4xf32>, memref<4xf32>
  }

  /// The body that the module calls works on device buffers.
  // CHECK-LABEL: func.func @caller
  // CHECK: %[[DX:.*]] = gpu.alloc
  // CHECK: call @callee_on_device(%[[DX]])
  func.func @caller(%x: memref<4xf32>) {
    call @callee(%x) : (memref<4xf32>) -> ()
    return
  }
  // CHECK-LABEL: func.func @callee(
  // CHECK: gpu.memcpy
  // CHECK: call @callee_on_device
  func.func @callee(%x: memref<4xf32>) {
    return
  }
  // CHECK-LABEL: func.func private @callee_on_device(
  // CHECK-NEXT: return

  gpu.module @kernels {
    gpu.func @g(%x: memref<4xf32>, %y: memref<4xf32>) kernel { gpu.return }
    gpu.func @f(%x: memref<?xf32>, %w: memref<4xf32>, %y: memref<?xf32>) kernel { gpu.return }
  }
}
