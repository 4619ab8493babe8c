// Graphormer (Ying et al. 2021): a table by the shortest path, and the mean over its first 3 edges of a table by place and
// kind of edge.
// FIXTURE: gym_graphormer_bias
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x9x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q,
                %distances: tensor<1x9x9xi64>, %types: tensor<1x9x9x3xi64>, %lengths: tensor<1x9x9xi64>, %spatial: tensor<2x6xf32>, %edge: tensor<2x3x3xf32>) -> !q {
  %made = tensor.empty() : tensor<6x2xf32>
  %table = linalg.transpose ins(%spatial : tensor<2x6xf32>) outs(%made : tensor<6x2xf32>) permutation = [1, 0]
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %none = arith.constant 0 : index
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %one = arith.constant 1 : i64
    %zero = arith.constant 0.0 : f32
    %d = tensor.extract %distances[%b, %m, %n] : tensor<1x9x9xi64>
    %di = arith.index_cast %d : i64 to index
    %x = posenc.bias_table %s, %table[%h] at(%di, %none) bucket <identity, q_minus_k, extent = 6> : tensor<6x2xf32>
    %l = tensor.extract %lengths[%b, %m, %n] : tensor<1x9x9xi64>
    %sum = scf.for %e = %c0 to %c3 step %c1 iter_args(%acc = %zero) -> f32 {
      %t = tensor.extract %types[%b, %m, %n, %e] : tensor<1x9x9x3xi64>
      %ti = arith.index_cast %t : i64 to index
      %w = tensor.extract %edge[%h, %e, %ti] : tensor<2x3x3xf32>
      %place = arith.index_cast %e : index to i64
      %on = arith.cmpi slt, %place, %l : i64
      %term = arith.select %on, %w, %zero : f32
      %next = arith.addf %acc, %term : f32
      scf.yield %next : f32
    }
    %count = arith.maxsi %l, %one : i64
    %f = arith.sitofp %count : i64 to f32
    %mean = arith.divf %sum, %f : f32
    %r = arith.addf %x, %mean : f32
    posenc.yield %r : f32
  }
  return %out : !q
}
