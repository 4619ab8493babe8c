// Every second key, at most 6 away: a predicate needs no op.
// FIXTURE: gym_dilated_window
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %hidden = arith.constant 0xFF800000 : f32
    %two = arith.constant 2 : index
    %zero = arith.constant 0 : index
    %d = arith.subi %i, %j : index
    %parity = arith.remsi %d, %two : index
    %even = arith.cmpi eq, %parity, %zero : index
    %x = arith.select %even, %s, %hidden : f32
    %r = posenc.mask %x at(%i, %j) <window, left = 6, right = 6>
    posenc.yield %r : f32
  }
  return %out : !q
}
