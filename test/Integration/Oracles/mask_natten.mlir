// Neighbourhood attention on 4 x 4 tokens: 3 x 3 keys, whose middle stays inside the canvas.
// FIXTURE: gym_natten
// RUN: %python -m posenc_testing.against_oracle %s
!q = tensor<1x2x16x8xf32>
func.func @main(%q: !q, %k: !q, %v: !q) -> !q {
  %init = tensor.empty() : !q
  %out = posenc.attention scale(0.353553385) ins(%q, %k, %v : !q, !q, !q) outs(%init : !q) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %hidden = arith.constant 0xFF800000 : f32
    %one = arith.constant 1 : index
    %two = arith.constant 2 : index
    %four = arith.constant 4 : index
    %y = arith.divui %i, %four : index
    %x = arith.remui %i, %four : index
    %v0 = arith.maxsi %y, %one : index
    %v1 = arith.minsi %v0, %two : index
    %u0 = arith.maxsi %x, %one : index
    %u1 = arith.minsi %u0, %two : index
    %ky = arith.divui %j, %four : index
    %kx = arith.remui %j, %four : index
    %dy = arith.subi %v1, %ky : index
    %dx = arith.subi %u1, %kx : index
    %ay = math.absi %dy : index
    %ax = math.absi %dx : index
    %far = arith.maxsi %ay, %ax : index
    %near = arith.cmpi sle, %far, %one : index
    %r = arith.select %near, %s, %hidden : f32
    posenc.yield %r : f32
  }
  return %out : !q
}
