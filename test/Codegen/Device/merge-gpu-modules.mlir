// RUN: posenc-opt %s --posenc-merge-gpu-modules | FileCheck %s
// RUN: posenc-opt %s --posenc-merge-gpu-modules=module-name=all | FileCheck %s --check-prefix=NAME

// NAME: gpu.module @all
module attributes {gpu.container_module} {
  // CHECK-LABEL: func.func @host
  // CHECK: gpu.launch_func @kernels::@f blocks
  // CHECK: gpu.launch_func @kernels::@f_0 blocks
  // CHECK: gpu.launch_func @kernels::@g blocks
  // CHECK: gpu.launch_func @compiled::@f blocks
  func.func @host() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @a::@f blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @b::@f blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @b::@g blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @compiled::@f blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  gpu.module @a {
    gpu.func @f() kernel attributes {posenc.kernel = {engine = "simt"}} { gpu.return }
    func.func private @helper() { return }
  }
  gpu.module @b {
    gpu.func @f() kernel {
      func.call @helper() : () -> ()
      gpu.return
    }
    gpu.func @g() kernel { gpu.return }
    func.func private @helper() { return }
  }
  // CHECK-NOT: gpu.module @a
  // CHECK-NOT: gpu.module @b
  // CHECK: gpu.module @compiled
  gpu.module @compiled [#nvvm.target] {
    gpu.func @f() kernel { gpu.return }
  }
  // CHECK: gpu.module @kernels
  // CHECK: gpu.func @f()
  // CHECK: gpu.func @f_0()
  // CHECK: func.call @helper_0
  // CHECK: gpu.func @g()
}
