// RUN: posenc-opt --posenc-replace-bf16 %s | FileCheck %s

// CHECK: llvm.mlir.global private constant @weights(dense<[16256, 16384]> : tensor<2xi16>) {{.*}} : !llvm.array<2 x i16>
llvm.mlir.global private constant @weights(dense<[1.0, 2.0]> : tensor<2xbf16>) : !llvm.array<2 x bf16>

// CHECK: llvm.mlir.global private constant @blob(dense_resource<blob> : tensor<2xi16>) {{.*}} : !llvm.array<2 x i16>
llvm.mlir.global private constant @blob(dense_resource<blob> : tensor<2xbf16>) : !llvm.array<2 x bf16>

// CHECK-LABEL: llvm.func @masked
//       CHECK:   %[[ONE:.*]] = llvm.mlir.constant(16256 : i16) : i16
//       CHECK:   %[[X:.*]] = llvm.intr.masked.load %arg0, %arg1, %{{.*}} : (!llvm.ptr, vector<8xi1>, vector<8xi16>) -> vector<8xi16>
//       CHECK:   llvm.intr.masked.store %{{.*}}, %arg0, %arg1 {{.*}} : vector<8xi16>
//       CHECK:   llvm.return %[[ONE]] : i16
llvm.func @masked(%p: !llvm.ptr, %mask: vector<8xi1>) -> bf16 {
  %one = llvm.mlir.constant(1.0 : bf16) : bf16
  %zero = llvm.mlir.constant(dense<0.0> : vector<8xbf16>) : vector<8xbf16>
  %x = llvm.intr.masked.load %p, %mask, %zero {alignment = 2 : i32} : (!llvm.ptr, vector<8xi1>, vector<8xbf16>) -> vector<8xbf16>
  llvm.intr.masked.store %x, %p, %mask {alignment = 2 : i32} : vector<8xbf16>, vector<8xi1> into !llvm.ptr
  llvm.return %one : bf16
}

{-#
  dialect_resources: {
    builtin: {
      blob: "0x02000000803F0040"
    }
  }
#-}
