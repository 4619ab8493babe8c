// rel_dot and value_rel: printed, read and printed again.
// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --mlir-print-op-generic | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --emit-bytecode | posenc-opt | FileCheck %s

// CHECK-LABEL: func.func @rel_dot(
// CHECK:         posenc.rel_dot %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}], %{{.+}} at(%{{.+}}, %{{.+}}) bucket <clip, k_minus_q, left = 64, right = 8> : tensor<2x4x?x16xf32>, tensor<73x16xbf16>{{$}}
// CHECK:         posenc.rel_dot %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}], %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <identity, q_minus_k, extent = 9> weight(%{{.+}}) : tensor<2x4x?x16xf32>, tensor<9x4x16xf16>{{$}}
// CHECK:         posenc.rel_dot %{{.+}}, %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}], %{{.+}}[%{{.+}}] row(%{{.+}}) bias(%{{.+}}[%{{.+}}]) : tensor<2x4x?x16xf32>, tensor<?x4x16xf32>, tensor<4x16xf32>{{$}}
// CHECK:         posenc.rel_dot %{{.+}}, %{{.+}}[], %{{.+}} row(%{{.+}}) bias(%{{.+}}[]) weight(%{{.+}}) {my.note} : memref<?xf32>, memref<?x?xf32>, memref<16xbf16>{{$}}
func.func @rel_dot(%s: f32, %b: index, %h: index, %m: index, %i: index, %j: index, %q: tensor<2x4x?x16xf32>, %clip: tensor<73x16xbf16>, %near: tensor<9x4x16xf16>, %r: tensor<?x4x16xf32>, %u: tensor<4x16xf32>, %x: memref<?xf32>, %y: memref<?x?xf32>, %z: memref<16xbf16>) {
  %0 = posenc.rel_dot %s, %q[%b, %h, %m], %clip at(%i, %j) bucket <clip, k_minus_q, left = 64, right = 8> : tensor<2x4x?x16xf32>, tensor<73x16xbf16>
  %1 = posenc.rel_dot %s, %q[%b, %h, %m], %near[%h] at(%i, %j) bucket <identity, q_minus_k, extent = 9> weight(%s) : tensor<2x4x?x16xf32>, tensor<9x4x16xf16>
  %2 = posenc.rel_dot %s, %q[%b, %h, %m], %r[%h] row(%i) bias(%u[%h]) : tensor<2x4x?x16xf32>, tensor<?x4x16xf32>, tensor<4x16xf32>
  %3 = posenc.rel_dot %s, %x[], %y row(%i) bias(%z[]) weight(%s) {my.note} : memref<?xf32>, memref<?x?xf32>, memref<16xbf16>
  return
}

// CHECK-LABEL: func.func @value_rel(
// CHECK:         posenc.attention scale({{.+}}) ins({{.+}}) outs({{.+}}) offsets(q = %{{.+}}) sinks(%{{.+}} : tensor<4xf32>) value_rel(%{{.+}} : tensor<17x16xf32>) bucket <clip, k_minus_q, left = 8, right = 8>{{$}}
// CHECK:         posenc.attention scale({{.+}}) ins({{.+}}) outs({{.+}}) value_rel(%{{.+}} : tensor<?x4x16xbf16>) bucket <grid2d, q_minus_k, height = 3, width = 4> attributes {my.note}{{$}}
func.func @value_rel(%q: tensor<2x4x?x16xf32>, %init: tensor<2x4x?x16xf32>, %p: tensor<2x4x?x16xbf16>, %narrow: tensor<2x4x?x16xbf16>, %t: tensor<17x16xf32>, %g: tensor<?x4x16xbf16>, %z: tensor<4xf32>, %past: index) -> (tensor<2x4x?x16xf32>, tensor<2x4x?x16xbf16>) {
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) outs(%init : tensor<2x4x?x16xf32>) offsets(q = %past) sinks(%z : tensor<4xf32>) value_rel(%t : tensor<17x16xf32>) bucket <clip, k_minus_q, left = 8, right = 8>
  %1 = posenc.attention scale(1.0) ins(%p, %p, %p : tensor<2x4x?x16xbf16>, tensor<2x4x?x16xbf16>, tensor<2x4x?x16xbf16>) outs(%narrow : tensor<2x4x?x16xbf16>) value_rel(%g : tensor<?x4x16xbf16>) bucket <grid2d, q_minus_k, height = 3, width = 4> attributes {my.note}
  return %0, %1 : tensor<2x4x?x16xf32>, tensor<2x4x?x16xbf16>
}
