// RUN: posenc-opt %s --convert-posenc-to-linalg --canonicalize | FileCheck %s

/// Tables of heads are read at (h, t, pair); what is written in another layout is
/// read in its own: channel 8 + c of 16 comes from 8 + 2 (c mod 4) + c / 4.
// CHECK-LABEL: func.func @rotate(
// CHECK-SAME:    %[[X:.+]]: tensor<2x4x?x16xf32>, %[[A:.+]]: tensor<4x?x4xf32>)
// CHECK:         linalg.generic
// CHECK-DAG:       %[[H:.+]] = linalg.index 1
// CHECK-DAG:       %[[T:.+]] = linalg.index 2
// CHECK:           tensor.extract %[[A]][%[[H]], %[[T]], %{{.+}}]
// CHECK-DAG:       math.sin
// CHECK-DAG:       math.cos
// CHECK-COUNT-2:   tensor.extract %[[X]][
// CHECK-NOT:     posenc
func.func @rotate(%x: tensor<2x4x?x16xf32>, %a: tensor<4x?x4xf32>) -> tensor<2x4x?x16xf32> {
  %0 = posenc.rotate %x by(%a) interleaved out half trailing per_head : tensor<2x4x?x16xf32>, tensor<4x?x4xf32>
  return %0 : tensor<2x4x?x16xf32>
}

/// Cosine and sine times the magnitude are rounded, the rest is f32.
// CHECK-LABEL: func.func @rounded(
// CHECK-COUNT-2: arith.truncf %{{.+}} : f32 to bf16
// CHECK-NOT:     arith.truncf
// CHECK:         return
func.func @rounded(%x: tensor<4x8xf32>, %a: tensor<4x4xf32>, %m: f32) -> tensor<4x8xf32> {
  %0 = posenc.rotate %x by(%a) half rounded bf16 magnitude(%m : f32) : tensor<4x8xf32>, tensor<4x4xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @row_scale(
// CHECK-SAME:    %{{.+}}: tensor<2x?x8xbf16>, %[[F:.+]]: tensor<?xf32>)
// CHECK:           %[[E:.+]] = tensor.extract %[[F]][%{{.+}}]
// CHECK:           arith.mulf %{{.+}}, %[[E]] : f32
func.func @row_scale(%x: tensor<2x?x8xbf16>, %f: tensor<?xf32>) -> tensor<2x?x8xbf16> {
  %0 = posenc.row_scale %x by(%f) : tensor<2x?x8xbf16>, tensor<?xf32>
  return %0 : tensor<2x?x8xbf16>
}

/// The factor counts from 1 (Llama-4) or from 0 (Ministral); the position is an
/// integer until then.
// CHECK-LABEL: func.func @temperature(
// CHECK:         arith.addi
// CHECK:         arith.sitofp
// CHECK:         math.floor
// CHECK:         math.log
// CHECK-NOT:     arith.addi
// CHECK:         math.floor
// CHECK:         return
func.func @temperature(%p: tensor<?xi64>) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = posenc.temperature %p llama4 length 8192.0 : tensor<?xi64> -> tensor<?xf32>
  %1 = posenc.temperature %p ministral length 8192.0 : tensor<?xi64> -> tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

/// Two to the power of (p - c) times a constant per pair.
// CHECK-LABEL: func.func @xpos(
// CHECK-SAME:    %[[P:.+]]: tensor<?xi64>, %[[C:.+]]: index)
// CHECK:         arith.constant dense<[{{.+}}, {{.+}}]> : tensor<2xf32>
// CHECK:         arith.subi %{{.+}}, %[[C]]
// CHECK:         math.exp2
func.func @xpos(%p: tensor<?xi64>, %c: index) -> tensor<?x2xf32> {
  %0 = posenc.xpos_magnitude %p center(%c) : tensor<?xi64> -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

/// D + P channels; the phase is clamped.
// CHECK-LABEL: func.func @polar(
// CHECK:         tensor.empty(%{{.+}}, %{{.+}}) : tensor<2x?x?xf32>
// CHECK-DAG:     arith.minimumf
// CHECK-DAG:     arith.maximumf
// CHECK-DAG:     math.log1p
func.func @polar(%x: tensor<2x?x?xf32>, %a: tensor<?x4xf32>, %d: tensor<4xf32>) -> tensor<2x?x?xf32> {
  %0 = posenc.polar %x by(%a) phase(%d : tensor<4xf32>) interleaved : tensor<2x?x?xf32>, tensor<?x4xf32> -> tensor<2x?x?xf32>
  return %0 : tensor<2x?x?xf32>
}
