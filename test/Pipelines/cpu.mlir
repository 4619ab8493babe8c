// RUN: posenc-opt --split-input-file --posenc-cpu-pipeline %s | FileCheck %s
// RUN: posenc-opt --split-input-file --posenc-cpu-pipeline="parallel=false" %s | FileCheck %s --check-prefix=SERIAL

// A returned argument is copied: the caller owns what it gets.
// CHECK-LABEL: llvm.func @return_argument
//       CHECK:   llvm.call @malloc
//       CHECK: llvm.func @_mlir_ciface_return_argument
// SERIAL-NOT: omp.
func.func @return_argument(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// So is a constant.
// CHECK-LABEL: llvm.func @return_constant
//       CHECK:   llvm.call @malloc
func.func @return_constant() -> tensor<4xf32> {
  %c = arith.constant dense_resource<weights> : tensor<4xf32>
  return %c : tensor<4xf32>
}

{-#
  dialect_resources: {
    builtin: {
      weights: "0x040000000000803F000000400000404000008040"
    }
  }
#-}

// -----

// A private function has no C interface.
// CHECK-LABEL: llvm.func @helper
//   CHECK-NOT: _mlir_ciface_helper
//       CHECK: llvm.func @_mlir_ciface_user
func.func private @helper(%x: tensor<4xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %e = tensor.extract %x[%c0] : tensor<4xf32>
  return %e : f32
}
func.func @user(%x: tensor<4xf32>) -> f32 {
  %r = call @helper(%x) : (tensor<4xf32>) -> f32
  return %r : f32
}

// -----

// The message of an assertion goes to standard error.
//       CHECK: llvm.mlir.global private constant @assert_message("index out of range\0A")
// CHECK-LABEL: llvm.func @asserts
//       CHECK:   llvm.call @write
//       CHECK:   llvm.call @abort
func.func @asserts(%x: tensor<64xi64>, %t: tensor<8xf32>) -> tensor<64xf32> {
  %init = tensor.empty() : tensor<64xf32>
  %c8 = arith.constant 8 : index
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<64xi64>) outs(%init : tensor<64xf32>) {
  ^bb0(%in: i64, %out: f32):
    %i = arith.index_cast %in : i64 to index
    %ok = arith.cmpi ult, %i, %c8 : index
    cf.assert %ok, "index out of range"
    %e = tensor.extract %t[%i] : tensor<8xf32>
    linalg.yield %e : f32
  } -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// -----

// Matrix products run on threads, without a call into a library.
// CHECK-LABEL: llvm.func @matmul
//       CHECK:   omp.parallel
//   CHECK-NOT:   memrefCopy
//  SERIAL-NOT:   omp.
func.func @matmul(%a: tensor<?x256xbf16>, %b: tensor<256x256xbf16>, %c: tensor<?x256xbf16>) -> tensor<?x256xbf16> {
  %r = linalg.matmul ins(%a, %b : tensor<?x256xbf16>, tensor<256x256xbf16>) outs(%c : tensor<?x256xbf16>) -> tensor<?x256xbf16>
  return %r : tensor<?x256xbf16>
}

/// A softmax outside attention has no loops of its own.

// CHECK-LABEL: llvm.func @softmax(
// CHECK-NOT:     linalg.
// CHECK:         llvm.func @_mlir_ciface_softmax
func.func @softmax(%x: tensor<2x3x?xf32>) -> tensor<2x3x?xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c2 : tensor<2x3x?xf32>
  %init = tensor.empty(%n) : tensor<2x3x?xf32>
  %p = linalg.softmax dimension(2) ins(%x : tensor<2x3x?xf32>) outs(%init : tensor<2x3x?xf32>) -> tensor<2x3x?xf32>
  return %p : tensor<2x3x?xf32>
}
