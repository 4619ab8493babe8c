// Attention with an encoding that posenc does not know.
func.func @main(%q: tensor<2x4x?x16xf32>, %k: tensor<2x2x?x16xf32>, %v: tensor<2x2x?x16xf32>,
                %strength: tensor<4xf32>) -> tensor<2x4x?x16xf32> {
  %c2 = arith.constant 2 : index
  %t = tensor.dim %q, %c2 : tensor<2x4x?x16xf32>
  %init = tensor.empty(%t) : tensor<2x4x?x16xf32>
  %o = posenc.attention scale(0.25)
      ins(%q, %k, %v : tensor<2x4x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>)
      outs(%init : tensor<2x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = soft.window %s, %strength[%h] at(%i, %j) width 8.0 : tensor<4xf32>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<2x4x?x16xf32>
}
