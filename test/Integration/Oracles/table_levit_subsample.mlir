// LeViT between stages: every second query of a row and of a column.
// FIXTURE: transformers_levit_subsample
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x4x8xf32>
!k = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !k, %v: !k, %table: tensor<16x2xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !k, !k) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %j = posenc.k_pos : index
    %two = arith.constant 2 : index
    %eight = arith.constant 8 : index
    %y = arith.divui %m, %two : index
    %x = arith.remui %m, %two : index
    %first = arith.muli %y, %eight : index
    %column = arith.muli %x, %two : index
    %token = arith.addi %first, %column : index
    %r = posenc.bias_table %s, %table[%h] at(%token, %j) bucket <abs_grid, height = 4, width = 4> : tensor<16x2xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
