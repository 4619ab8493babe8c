// RUN: posenc-opt %s --posenc-expand-math=target=nvvm | FileCheck %s --check-prefixes=CHECK,NVVM
// RUN: posenc-opt %s --posenc-expand-math=target=rocdl | FileCheck %s --check-prefixes=CHECK,ROCDL
// RUN: posenc-opt %s --posenc-expand-math | FileCheck %s --check-prefixes=CHECK,ANY
// Both vendors' conversions accept the result, and nothing calls a library.
// RUN: posenc-opt %s --pass-pipeline="builtin.module(gpu.module(posenc-expand-math{target=nvvm},convert-scf-to-cf,convert-gpu-to-nvvm,reconcile-unrealized-casts),posenc-verify-device-code)" -o /dev/null
// RUN: posenc-opt %s --pass-pipeline="builtin.module(gpu.module(posenc-expand-math{target=rocdl},convert-scf-to-cf,convert-gpu-to-rocdl{chipset=gfx942 runtime=HIP},reconcile-unrealized-casts),posenc-verify-device-code)" -o /dev/null

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @exp2
  // NVVM: %[[R:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%arg0)
  // ROCDL: %[[R:.*]] = llvm.call_intrinsic "llvm.amdgcn.exp2.f32"(%arg0)
  // ANY-NOT: llvm.nvvm
  // ANY: math.roundeven
  // ANY: %[[R:.*]] = arith.select
  // CHECK: memref.store %[[R]]
  gpu.func @exp2(%x: f32, %y: memref<f32>) kernel {
    %r = math.exp2 %x : f32
    memref.store %r, %y[] : memref<f32>
    gpu.return
  }

  // In f64 there is no instruction.
  // CHECK-LABEL: gpu.func @exp2_f64
  // NVVM: llvm.call_intrinsic "llvm.roundeven.f64"
  // ANY: math.roundeven {{.*}} : f64
  gpu.func @exp2_f64(%x: f64, %y: memref<f64>) kernel {
    %r = math.exp2 %x : f64
    memref.store %r, %y[] : memref<f64>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @narrow
  // CHECK: %[[X:.*]] = arith.extf %arg0 : bf16 to f32
  // NVVM: %[[R:.*]] = llvm.call_intrinsic "llvm.sqrt.f32"(%[[X]])
  // ROCDL: %[[R:.*]] = llvm.call_intrinsic "llvm.sqrt.f32"(%[[X]])
  // ANY: %[[R:.*]] = math.sqrt %[[X]]
  // CHECK: arith.truncf %[[R]] : f32 to bf16
  gpu.func @narrow(%x: bf16, %y: memref<bf16>) kernel {
    %r = math.sqrt %x : bf16
    memref.store %r, %y[] : memref<bf16>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @vector
  // CHECK: vector.extract %arg0[0, 0]
  // NVVM-COUNT-4: llvm.nvvm.ex2.approx.ftz.f32
  // CHECK: vector.insert {{.*}} [1, 1]
  gpu.func @vector(%x: vector<2x2xf32>, %y: memref<2x2xf32>) kernel {
    %r = math.exp2 %x : vector<2x2xf32>
    %c0 = arith.constant 0 : index
    vector.store %r, %y[%c0, %c0] : memref<2x2xf32>, vector<2x2xf32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @direct
  // NVVM: llvm.fabs.f32
  // NVVM: llvm.floor.f32
  // NVVM: llvm.ceil.f32
  // NVVM: llvm.trunc.f32
  // NVVM: llvm.round.f32
  // NVVM: llvm.roundeven.f32
  // NVVM: llvm.copysign.f32
  // NVVM: llvm.fma.f32
  // NVVM: llvm.minnum.f32
  // NVVM: llvm.maxnum.f32
  // ANY: math.absf
  // ANY: math.floor
  // ANY: math.ceil
  // ANY: math.trunc
  // ANY: math.round
  // ANY: math.roundeven
  // ANY: math.copysign
  // ANY: math.fma
  // ANY: arith.minnumf
  // ANY: arith.maxnumf
  gpu.func @direct(%x: f32, %y: memref<f32>) kernel {
    %0 = math.absf %x : f32
    %1 = math.floor %0 : f32
    %2 = math.ceil %1 : f32
    %3 = math.trunc %2 : f32
    %4 = math.round %3 : f32
    %5 = math.roundeven %4 : f32
    %6 = math.copysign %5, %x : f32
    %7 = math.fma %6, %x, %x : f32
    %8 = arith.minnumf %7, %x : f32
    %9 = arith.maxnumf %8, %x : f32
    memref.store %9, %y[] : memref<f32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @square
  // CHECK-NEXT: arith.constant
  // CHECK-NEXT: %[[R:.*]] = arith.mulf %arg0, %arg0
  // CHECK-NEXT: memref.store %[[R]]
  gpu.func @square(%x: f32, %y: memref<f32>) kernel {
    %c2 = arith.constant 2.0 : f32
    %r = math.powf %x, %c2 : f32
    memref.store %r, %y[] : memref<f32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @functions
  // NVVM-NOT: math.
  // ROCDL-NOT: math.
  // CHECK-NOT: arith.remf
  // CHECK: gpu.return
  gpu.func @functions(%x: f32, %n: i32, %y: memref<f32>) kernel {
    %0 = math.exp %x : f32
    %1 = math.expm1 %0 : f32
    %2 = math.log %1 : f32
    %3 = math.log2 %2 : f32
    %4 = math.log10 %3 : f32
    %5 = math.log1p %4 : f32
    %6 = math.sin %5 : f32
    %7 = math.cos %6 : f32
    %8 = math.tan %7 : f32
    %9 = math.asin %8 : f32
    %10 = math.acos %9 : f32
    %11 = math.atan %10 : f32
    %12 = math.atan2 %11, %x : f32
    %13 = math.sinh %12 : f32
    %14 = math.cosh %13 : f32
    %15 = math.tanh %14 : f32
    %16 = math.asinh %15 : f32
    %17 = math.acosh %16 : f32
    %18 = math.atanh %17 : f32
    %19 = math.erf %18 : f32
    %20 = math.erfc %19 : f32
    %21 = math.cbrt %20 : f32
    %22 = math.rsqrt %21 : f32
    %23 = math.powf %22, %x : f32
    %24 = math.fpowi %23, %n : f32, i32
    %25 = arith.remf %24, %x : f32
    %26, %27 = math.sincos %25 : f32
    %28 = math.clampf %26 to [%27, %x] : f32
    memref.store %28, %y[] : memref<f32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @functions_f64
  // NVVM-NOT: math.
  // ROCDL-NOT: math.
  // CHECK: gpu.return
  gpu.func @functions_f64(%x: f64, %y: memref<f64>) kernel {
    %0 = math.log %x : f64
    %1 = math.sin %0 : f64
    %2 = math.powf %1, %x : f64
    %3 = math.tanh %2 : f64
    %4 = math.erf %3 : f64
    %5 = arith.remf %4, %x : f64
    memref.store %5, %y[] : memref<f64>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @narrow_fma
  // CHECK: arith.extf %arg0 : f16 to f64
  // NVVM: llvm.fma.f64
  // CHECK: arith.truncf {{.*}} : f64 to f16
  gpu.func @narrow_fma(%x: f16, %y: memref<f16>) kernel {
    %r = math.fma %x, %x, %x : f16
    memref.store %r, %y[] : memref<f16>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @predicates
  // CHECK: arith.cmpf uno
  // CHECK: arith.cmpf oeq
  // CHECK: arith.cmpf olt
  // NVVM-NOT: math.
  // CHECK: gpu.return
  gpu.func @predicates(%x: f32, %y: memref<4xi1>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %0 = math.isnan %x : f32
    %1 = math.isinf %x : f32
    %2 = math.isfinite %x : f32
    %3 = math.isnormal %x : f32
    memref.store %0, %y[%c0] : memref<4xi1>
    memref.store %1, %y[%c1] : memref<4xi1>
    memref.store %2, %y[%c2] : memref<4xi1>
    memref.store %3, %y[%c3] : memref<4xi1>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @integers
  // CHECK: arith.maxsi
  // CHECK: scf.while
  // CHECK-NOT: arith.ceildivsi
  // CHECK-NOT: arith.floordivsi
  // CHECK: math.ctpop
  gpu.func @integers(%x: i64, %n: i64, %y: memref<i64>) kernel {
    %0 = math.absi %x : i64
    %1 = math.ipowi %0, %n : i64
    %2 = arith.ceildivsi %1, %n : i64
    %3 = arith.floordivsi %2, %n : i64
    %4 = math.ctpop %3 : i64
    memref.store %4, %y[] : memref<i64>
    gpu.return
  }
}
