// CoPE (Golovneva et al. 2024) of x-transformers: a key's position is the sum of the gates between it and the query, at most
// 5; the query times the table's rows about it, interpolated.
// FIXTURE: x_transformers_cope
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x13x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q, %table: tensor<6x8xf32>) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %one = arith.constant 1.0 : f32
    %last = arith.constant 5.0 : f32
    %x = posenc.mask %s at(%i, %j) <causal>
    %minus = arith.negf %x : f32
    %e = math.exp %minus : f32
    %d = arith.addf %one, %e : f32
    %gate = arith.divf %one, %d : f32
    %sum = posenc.row_scan sum reverse %gate : f32
    %p = arith.minimumf %sum, %last : f32
    %low = math.floor %p : f32
    %high = math.ceil %p : f32
    %low64 = arith.fptosi %low : f32 to i64
    %high64 = arith.fptosi %high : f32 to i64
    %low_row = arith.index_cast %low64 : i64 to index
    %high_row = arith.index_cast %high64 : i64 to index
    %w = arith.subf %p, %low : f32
    %rest = arith.subf %one, %w : f32
    %1 = posenc.rel_dot %x, %q[%b, %h, %m], %table row(%low_row) weight(%rest) : !q, tensor<6x8xf32>
    %r = posenc.rel_dot %1, %q[%b, %h, %m], %table row(%high_row) weight(%w) : !q, tensor<6x8xf32>
    posenc.yield %r : f32
  }
  return %out : !q
}
