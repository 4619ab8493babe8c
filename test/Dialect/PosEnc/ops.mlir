// Every op, every optional part: printed, read and printed again, in the pretty
// and in the generic form.
// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --mlir-print-op-generic | posenc-opt | FileCheck %s
// RUN: posenc-opt %s --emit-bytecode | posenc-opt | FileCheck %s

// CHECK-LABEL: func.func @attention_plain(
// CHECK:         %{{.+}} = posenc.attention scale(1.250000e-01) ins(%{{.+}}, %{{.+}}, %{{.+}} : tensor<?x?x?x?xf16>, tensor<?x?x?x?xf16>, tensor<?x?x?x?xf16>) outs(%{{.+}} : tensor<?x?x?x?xf16>){{$}}
func.func @attention_plain(%q: tensor<?x?x?x?xf16>, %k: tensor<?x?x?x?xf16>, %v: tensor<?x?x?x?xf16>, %init: tensor<?x?x?x?xf16>) -> tensor<?x?x?x?xf16> {
  %o = posenc.attention scale(0.125) ins(%q, %k, %v : tensor<?x?x?x?xf16>, tensor<?x?x?x?xf16>, tensor<?x?x?x?xf16>) outs(%init : tensor<?x?x?x?xf16>)
  return %o : tensor<?x?x?x?xf16>
}

// CHECK-LABEL: func.func @attention_t5(
// CHECK:         score(%[[S:.+]], %{{.+}}, %[[H:.+]], %{{.+}}, %{{.+}}) {
// CHECK-NEXT:      %[[I:.+]] = posenc.q_pos : index
// CHECK-NEXT:      %[[J:.+]] = posenc.k_pos : index
// CHECK-NEXT:      %[[T:.+]] = posenc.bias_table %[[S]], %{{.+}}[%[[H]]] at(%[[I]], %[[J]]) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
// CHECK-NEXT:      posenc.yield %[[T]] : f32
func.func @attention_t5(%q: tensor<2x4x40x16xf32>, %k: tensor<2x4x40x16xf32>, %v: tensor<2x4x40x16xf32>, %table: tensor<32x4xf32>, %init: tensor<2x4x40x16xf32>) -> tensor<2x4x40x16xf32> {
  %o = posenc.attention scale(1.0)
      ins(%q, %k, %v : tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>, tensor<2x4x40x16xf32>)
      outs(%init : tensor<2x4x40x16xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %t : f32
  }
  return %o : tensor<2x4x40x16xf32>
}

/// Two results, every storage order, positions of one side and an offset of
/// the other, all five regions, a discardable attribute.
// CHECK-LABEL: func.func @attention_full(
// CHECK:         posenc.attention scale(2.500000e-01)
// CHECK-SAME:      outs(%{{.+}}, %{{.+}} : tensor<2x?x8x24xbf16>, tensor<2x8x?xf32>) dims(q = bthd, k = bthd, v = tdbh, o = bthd) positions(k = %{{.+}} : tensor<?xi64>) offsets(q = %{{.+}}) attributes {my.note = "x"}
// CHECK:           q_rows(%[[R:.+]], %[[B:.+]], %{{.+}}, %[[T:.+]]) {
// CHECK-NEXT:        %[[Y:.+]] = posenc.rotate %[[R]] at(%[[B]], %[[T]]) by(%{{.+}}) half : !posenc.row, tensor<?x8xf32>
// CHECK-NEXT:        posenc.yield %[[Y]] : !posenc.row
// CHECK:           k_rows(
// CHECK:             posenc.rotate %{{.+}} by(%{{.+}}, %{{.+}}) interleaved channel_offset 2 : !posenc.row, tensor<2x?x4xf32>, tensor<2x?x4xf32>
// CHECK:           v_rows(
// CHECK:           o_rows(
// CHECK:           score(
// CHECK:             posenc.bias_fn %{{.+}}, %{{.+}}[%{{.+}}] at(%{{.+}}, %{{.+}}) linear k_minus_q : tensor<8xf32>, index
// CHECK:             posenc.softcap %{{.+}} cap(5.000000e+01)
// CHECK:             posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <window, left = 127, right = 0>
// CHECK:             posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <causal>
func.func @attention_full(%q: tensor<2x?x8x16xbf16>, %k: tensor<2x?x2x16xbf16>, %v: tensor<?x24x2x2xbf16>, %a: tensor<?x8xf32>, %c: tensor<2x?x4xf32>, %slopes: tensor<8xf32>, %off: index, %kp: tensor<?xi64>, %o: tensor<2x?x8x24xbf16>, %l: tensor<2x8x?xf32>) -> (tensor<2x?x8x24xbf16>, tensor<2x8x?xf32>) {
  %r:2 = posenc.attention scale(0.25) ins(%q, %k, %v : tensor<2x?x8x16xbf16>, tensor<2x?x2x16xbf16>, tensor<?x24x2x2xbf16>) outs(%o, %l : tensor<2x?x8x24xbf16>, tensor<2x8x?xf32>) dims(q = bthd, k = bthd, v = tdbh, o = bthd) positions(k = %kp : tensor<?xi64>) offsets(q = %off) attributes {my.note = "x"}
    q_rows(%row, %b, %h, %t) {
      %y = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<?x8xf32>
      posenc.yield %y : !posenc.row
    }
    k_rows(%row, %b, %h, %t) {
      %y = posenc.rotate %row at(%b, %t) by(%c, %c) interleaved channel_offset 2 : !posenc.row, tensor<2x?x4xf32>, tensor<2x?x4xf32>
      posenc.yield %y : !posenc.row
    }
    v_rows(%row, %b, %h, %t) {
      posenc.yield %row : !posenc.row
    }
    o_rows(%row, %b, %h, %t) {
      posenc.yield %row : !posenc.row
    }
    score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<8xf32>, index
      %2 = posenc.softcap %1 cap(50.0)
      %3 = posenc.mask %2 at(%i, %j) <window, left = 127, right = 0>
      %4 = posenc.mask %3 at(%i, %j) <causal>
      posenc.yield %4 : f32
    }
  return %r#0, %r#1 : tensor<2x?x8x24xbf16>, tensor<2x8x?xf32>
}

/// On memrefs, of any layout, there are no results.
// CHECK-LABEL: func.func @attention_memref(
// CHECK:         posenc.attention scale(1.000000e+00) ins(%{{.+}}, %{{.+}}, %{{.+}} : memref<1x2x8x4xf32, strided<[?, ?, ?, 1], offset: ?>>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>) outs(%{{.+}}, %{{.+}} : memref<1x2x8x4xf32>, memref<1x2x8xf32>) positions(q = %{{.+}}, k = %{{.+}} : memref<1x8xi32>, memref<2x1x8xf32>)
// CHECK:           posenc.q_pos : index
// CHECK:           posenc.k_pos axis 1 : f32
func.func @attention_memref(%q: memref<1x2x8x4xf32, strided<[?, ?, ?, 1], offset: ?>>, %k: memref<1x2x8x4xf32>, %l: memref<1x2x8xf32>, %p: memref<1x8xi32>, %f: memref<2x1x8xf32>) {
  posenc.attention scale(1.0) ins(%q, %k, %k : memref<1x2x8x4xf32, strided<[?, ?, ?, 1], offset: ?>>, memref<1x2x8x4xf32>, memref<1x2x8x4xf32>) outs(%k, %l : memref<1x2x8x4xf32>, memref<1x2x8xf32>) positions(q = %p, k = %f : memref<1x8xi32>, memref<2x1x8xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos axis 1 : f32
    %1 = arith.addf %s, %j : f32
    posenc.yield %1 : f32
  }
  return
}

// CHECK-LABEL: func.func @score_map(
// CHECK:         posenc.score_map outs(%{{.+}} : tensor<1x4x?x?xf32>) positions(q = %{{.+}} : tensor<?xindex>) offsets(k = %{{.+}}) attributes {my.note}
// CHECK:           posenc.bias_table %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) bucket <clip, q_minus_k, left = -2, right = 3> : tensor<2xbf16>
// CHECK:           posenc.bias_table %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) bucket <lut, k_minus_q, origin = -1, outside = clamp, rows = [1, 0, 0]> : tensor<2xbf16>
// CHECK:           posenc.bias_fn %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) linear absolute : tensor<f16>, index
// CHECK:           posenc.bias_fn %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) linear q_minus_k : tensor<f16>, index
// CHECK:           posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <window, left = 0>
// CHECK:           posenc.mask %{{.+}} at(%{{.+}}, %{{.+}}) <window, right = 7>
// CHECK:         posenc.score_map outs(%{{.+}} : memref<1x1x8x8xf16>)
func.func @score_map(%qp: tensor<?xindex>, %o: index, %t: tensor<2xbf16>, %p: tensor<f16>, %init: tensor<1x4x?x?xf32>, %mem: memref<1x1x8x8xf16>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) positions(q = %qp : tensor<?xindex>) offsets(k = %o) attributes {my.note} score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %t at(%i, %j) bucket <clip, q_minus_k, left = -2, right = 3> : tensor<2xbf16>
    %2 = posenc.bias_table %1, %t at(%i, %j) bucket <lut, k_minus_q, origin = -1, outside = clamp, rows = [1, 0, 0]> : tensor<2xbf16>
    %3 = posenc.bias_fn %2, %p at(%i, %j) linear absolute : tensor<f16>, index
    %4 = posenc.bias_fn %3, %p at(%i, %j) linear q_minus_k : tensor<f16>, index
    %5 = posenc.mask %4 at(%i, %j) <window, left = 0>
    %6 = posenc.mask %5 at(%i, %j) <window, right = 7>
    posenc.yield %6 : f32
  }
  posenc.score_map outs(%mem : memref<1x1x8x8xf16>) score(%s, %b, %h, %m, %n) {
    posenc.yield %s : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// CHECK-LABEL: func.func @positions(
// CHECK:         posenc.positions : tensor<8xi64>
// CHECK:         posenc.positions offset(%{{.+}}) : tensor<8xi32>
// CHECK:         posenc.positions size(%{{.+}}) : tensor<?xindex>
// CHECK:         posenc.positions size(%{{.+}}) offset(%{{.+}}) {my.note} : tensor<?xf32>
func.func @positions(%len: index, %off: index) {
  %0 = posenc.positions : tensor<8xi64>
  %1 = posenc.positions offset(%off) : tensor<8xi32>
  %2 = posenc.positions size(%len) : tensor<?xindex>
  %3 = posenc.positions size(%len) offset(%off) {my.note} : tensor<?xf32>
  return
}

// CHECK-LABEL: func.func @lookup(
// CHECK:         posenc.lookup %{{.+}}[%{{.+}}] clamp : tensor<512x64xf32>, tensor<2x?xi64> -> tensor<2x?x64xf32>
// CHECK:         posenc.lookup %{{.+}}[%{{.+}}] assert : tensor<512x64xf32>, tensor<i32> -> tensor<64xf32>
func.func @lookup(%table: tensor<512x64xf32>, %p: tensor<2x?xi64>, %s: tensor<i32>) {
  %0 = posenc.lookup %table[%p] clamp : tensor<512x64xf32>, tensor<2x?xi64> -> tensor<2x?x64xf32>
  %1 = posenc.lookup %table[%s] assert : tensor<512x64xf32>, tensor<i32> -> tensor<64xf32>
  return
}

// CHECK-LABEL: func.func @rotate(
// CHECK:         posenc.rotate %{{.+}} by(%{{.+}}, %{{.+}}) interleaved channel_offset 4 dims<bthd> : tensor<1x?x4x64xf32>, tensor<?x16xf32>, tensor<?x16xf32>
// CHECK:         posenc.rotate %{{.+}} by(%{{.+}}) half : tensor<2x?x64xf16>, tensor<2x?x32xf32>
// CHECK:         posenc.rotate %{{.+}} by(%{{.+}}) half channel_offset 32 : tensor<?x64xbf16>, tensor<?x16xf32>
func.func @rotate(%x: tensor<1x?x4x64xf32>, %y: tensor<2x?x64xf16>, %z: tensor<?x64xbf16>, %c: tensor<?x16xf32>, %d: tensor<2x?x32xf32>) {
  %0 = posenc.rotate %x by(%c, %c) interleaved channel_offset 4 dims<bthd> : tensor<1x?x4x64xf32>, tensor<?x16xf32>, tensor<?x16xf32>
  %1 = posenc.rotate %y by(%d) half : tensor<2x?x64xf16>, tensor<2x?x32xf32>
  %2 = posenc.rotate %z by(%c) half channel_offset 32 : tensor<?x64xbf16>, tensor<?x16xf32>
  return
}

/// Attributes on their own.
// CHECK-LABEL: func.func @attributes(
// CHECK-SAME:    attributes {a = #posenc.bucket<t5, q_minus_k, num_buckets = 4, max_distance = 3, bidirectional = false>, b = #posenc.mask<causal>, c = #posenc.mask<window, left = 1, right = 0>, d = #posenc.dims<tdhb>}
func.func @attributes() attributes {
    a = #posenc.bucket<t5, q_minus_k, num_buckets = 4, max_distance = 3, bidirectional = false>,
    b = #posenc.mask<causal>,
    c = #posenc.mask<window, right = 0, left = 1>,
    d = #posenc.dims<tdhb>} {
  return
}
