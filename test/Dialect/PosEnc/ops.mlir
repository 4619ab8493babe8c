// RUN: posenc-opt %s | posenc-opt | FileCheck %s

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

func.func @attention_full(%q: tensor<2x?x8x16xbf16>, %k: tensor<2x?x2x16xbf16>, %v: tensor<2x2x?x24xbf16>, %a: tensor<?x8xf32>, %slopes: tensor<8xf32>, %off: index, %kp: tensor<?xi64>, %o: tensor<2x?x8x24xbf16>, %l: tensor<2x8x?xf32>) -> (tensor<2x?x8x24xbf16>, tensor<2x8x?xf32>) {
  %r:2 = posenc.attention scale(0.25) ins(%q, %k, %v : tensor<2x?x8x16xbf16>, tensor<2x?x2x16xbf16>, tensor<2x2x?x24xbf16>) outs(%o, %l : tensor<2x?x8x24xbf16>, tensor<2x8x?xf32>) dims(q = bthd, k = bthd, o = bthd) positions(k = %kp : tensor<?xi64>) offsets(q = %off)
    q_rows(%row, %b, %h, %t) {
      %y = posenc.rotate %row at(%b, %t) by(%a) half : !posenc.row, tensor<?x8xf32>
      posenc.yield %y : !posenc.row
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

func.func @producers(%len: index, %off: index, %table: tensor<512x64xf32>, %x: tensor<1x?x4x64xf32>, %c: tensor<?x16xf32>, %init: tensor<1x4x?x?xf32>) {
  %p = posenc.positions size(%len) offset(%off) : tensor<?xi64>
  %e = posenc.lookup %table[%p] clamp : tensor<512x64xf32>, tensor<?xi64> -> tensor<?x64xf32>
  %y = posenc.rotate %x by(%c, %c) interleaved channel_offset 4 dims<bthd> : tensor<1x?x4x64xf32>, tensor<?x16xf32>, tensor<?x16xf32>
  %m = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return
}
// CHECK-LABEL: func.func @attention_t5
// CHECK-LABEL: func.func @attention_full
// CHECK-LABEL: func.func @producers
