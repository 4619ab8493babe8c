// What a chip lacks or the emulator has no model of is refused by name.
// RUN: split-file %s %t
// RUN: not posenc-run %t/lacks.mlir --target=emulate:gfx942 --raise=off 2>&1 | FileCheck %t/lacks.mlir
// RUN: not posenc-run %t/dpp.mlir --target=emulate:gfx1100 --raise=off 2>&1 | FileCheck %t/dpp.mlir
// RUN: not posenc-run %t/scaled.mlir --target=emulate:gfx950 --raise=off 2>&1 | FileCheck %t/scaled.mlir
// RUN: not posenc-run %t/fat.mlir --target=emulate:gfx942 --raise=off 2>&1 | FileCheck %t/fat.mlir

//--- lacks.mlir
module attributes {gpu.container_module} {
  func.func @main() {
    %c64 = arith.constant 64 : index
    %c1 = arith.constant 1 : index
    gpu.launch_func @refused::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
    return
  }
  gpu.module @refused {
    gpu.func @kernel() kernel {
      %f = arith.constant dense<1.0> : vector<8xf16>
      %z = arith.constant dense<1.0> : vector<4xf32>
      %m = arith.constant 0 : i32
      // CHECK: lacks.mlir:[[#@LINE+1]]:{{.*}}error: 'rocdl.mfma.f32.16x16x32.f16' op does not exist on 'gfx942': expected gfx950
      %d = rocdl.mfma.f32.16x16x32.f16 %f, %f, %z, %m, %m, %m : (vector<8xf16>, vector<8xf16>, vector<4xf32>, i32, i32, i32) -> vector<4xf32>
      gpu.return
    }
  }
}

//--- dpp.mlir
module attributes {gpu.container_module} {
  func.func @main() {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    gpu.launch_func @refused::@kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
    return
  }
  gpu.module @refused {
    gpu.func @kernel() kernel {
      %x = arith.constant 1 : i32
      // CHECK: dpp.mlir:[[#@LINE+1]]:{{.*}}error: 'rocdl.update.dpp' op does not exist on 'gfx1100': expected gfx900, gfx908, gfx90a, gfx942 or gfx950
      %y = rocdl.update.dpp %x, %x with 312, 15, 15, true : i32
      gpu.return
    }
  }
}

//--- scaled.mlir
module attributes {gpu.container_module} {
  func.func @main() {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    gpu.launch_func @refused::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
    return
  }
  gpu.module @refused {
    gpu.func @kernel() kernel {
      %f = arith.constant dense<1> : vector<8xi32>
      %z = arith.constant dense<1.0> : vector<4xf32>
      %m = arith.constant 0 : i32
      // CHECK: scaled.mlir:[[#@LINE+1]]:{{.*}}error: 'rocdl.mfma.scale.f32.16x16x128.f8f6f4' op is not modelled by the emulator
      %d = rocdl.mfma.scale.f32.16x16x128.f8f6f4 %f, %f, %z, %m, %m, %m, %m, %m, %m : (vector<8xi32>, vector<8xi32>, vector<4xf32>, i32, i32, i32, i32, i32, i32) -> vector<4xf32>
      gpu.return
    }
  }
}

//--- fat.mlir
module attributes {gpu.container_module} {
  func.func @main() {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    gpu.launch_func @refused::@kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
    return
  }
  gpu.module @refused {
    gpu.func @kernel() kernel {
      %s = arith.constant 0 : i16
      %n = arith.constant 64 : i64
      %m = arith.constant 159744 : i32
      %p = llvm.inttoptr %n : i64 to !llvm.ptr<1>
      // CHECK: fat.mlir:[[#@LINE+1]]:{{.*}}error: 'rocdl.make.buffer.rsrc' op is not modelled by the emulator: expected a result of !llvm.ptr<8>
      %r = rocdl.make.buffer.rsrc %p, %s, %n, %m : !llvm.ptr<1> to <7>
      %x = llvm.load %r : !llvm.ptr<7> -> f32
      llvm.store %x, %p : f32, !llvm.ptr<1>
      gpu.return
    }
  }
}
