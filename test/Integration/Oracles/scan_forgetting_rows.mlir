// x-transformers' data-dependent ALiBi per row: gates from small queries and keys of their own, summed between key and query.
// FIXTURE: x_transformers_forgetting_rows
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %gate_q: tensor<1x2x13x4xf32>, %gate_k: tensor<1x2x13x4xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %half = arith.constant 0.5 : f32
    %x = posenc.bias_lowrank %zero, %gate_q[%b, %h, %m], %gate_k[%b, %h, %n] weight(%half) : tensor<1x2x13x4xf32>, tensor<1x2x13x4xf32>
    %minus = arith.negf %x : f32
    %e = math.exp %minus : f32
    %l = math.log1p %e : f32
    %lf = arith.negf %l : f32
    %before = arith.cmpi slt, %n, %m : index
    %g = arith.select %before, %lf, %zero : f32
    %sum = posenc.row_scan sum reverse %g : f32
    %y = arith.addf %s, %sum : f32
    %r = posenc.mask %y at(%i, %j) <causal>
    posenc.yield %r : f32
  }
  return %out : !q
}
