// Fusing changes no bit of the reference: a packed QKV, two biases of different
// positions, rotations before and after, on keys twice.
// RUN: rm -rf %t && mkdir -p %t
// RUN: %python %S/Inputs/fuse-exact-inputs.py %t
// RUN: posenc-opt %s --posenc-fuse --canonicalize --posenc-verify-fused -o %t/fused.mlir
// RUN: posenc-run %s --target=reference --raise=off --in %t/0.npy --in %t/1.npy --in %t/2.npy --in %t/3.npy --in %t/4.npy --in %t/5.npy --out %t/expected.npy
// RUN: posenc-run %t/fused.mlir --target=reference --raise=off --in %t/0.npy --in %t/1.npy --in %t/2.npy --in %t/3.npy --in %t/4.npy --in %t/5.npy --expect %t/expected.npy --rtol=0 --atol=0
// RUN: posenc-run %t/fused.mlir --target=cpu --raise=off --in %t/0.npy --in %t/1.npy --in %t/2.npy --in %t/3.npy --in %t/4.npy --in %t/5.npy --expect %t/expected.npy --rtol=1e-5 --atol=1e-5

!t = tensor<2x4x?x16xf32>
!x = tensor<2x?x4x16xf32>
func.func @main(%qkv: tensor<2x?x3x4x16xf32>, %a: tensor<?x8xf32>, %c: tensor<2x?x4xf32>, %table: tensor<32x4xf32>, %p: tensor<2x?xi64>, %off: index) -> !x {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %qkv, %c1 : tensor<2x?x3x4x16xf32>
  %e5 = tensor.empty(%n) : tensor<3x2x4x?x16xf32>
  %f = tensor.empty(%n) : !t
  %g = tensor.empty(%n) : !x
  %e = tensor.empty(%n, %n) : tensor<1x4x?x?xf32>
  %e2 = tensor.empty(%n, %n) : tensor<2x1x?x?xf32>
  %bias = posenc.score_map outs(%e : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %k) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true> : tensor<32x4xf32>
    posenc.yield %t : f32
  }
  %mask = posenc.score_map outs(%e2 : tensor<2x1x?x?xf32>) positions(k = %p : tensor<2x?xi64>) offsets(q = %off) score(%s, %b, %h, %m, %k) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %t = posenc.mask %s at(%i, %j) <window, left = 30, right = 4>
    posenc.yield %t : f32
  }
  %t = linalg.transpose ins(%qkv : tensor<2x?x3x4x16xf32>) outs(%e5 : tensor<3x2x4x?x16xf32>) permutation = [2, 0, 3, 1, 4]
  %q = tensor.extract_slice %t[0, 0, 0, 0, 0] [1, 2, 4, %n, 16] [1, 1, 1, 1, 1] : tensor<3x2x4x?x16xf32> to !t
  %k = tensor.extract_slice %t[1, 0, 0, 0, 0] [1, 2, 4, %n, 16] [1, 1, 1, 1, 1] : tensor<3x2x4x?x16xf32> to !t
  %v = tensor.extract_slice %t[2, 0, 0, 0, 0] [1, 2, 4, %n, 16] [1, 1, 1, 1, 1] : tensor<3x2x4x?x16xf32> to !t
  %qr = posenc.rotate %q by(%a) half : !t, tensor<?x8xf32>
  %kr = posenc.rotate %k by(%c) interleaved channel_offset 4 : !t, tensor<2x?x4xf32>
  %o = posenc.attention scale(0.25) ins(%qr, %kr, %v : !t, !t, !t) outs(%f : !t)
      k_rows(%r, %b, %h, %u) {
    %y = posenc.rotate %r at(%b, %u) by(%a) half : !posenc.row, tensor<?x8xf32>
    posenc.yield %y : !posenc.row
  } score(%s, %b, %h, %m, %k1) {
    %x = tensor.extract %bias[%c0, %h, %m, %k1] : tensor<1x4x?x?xf32>
    %y = arith.addf %s, %x : f32
    %z = tensor.extract %mask[%b, %c0, %m, %k1] : tensor<2x1x?x?xf32>
    %w = arith.addf %z, %y : f32
    posenc.yield %w : f32
  }
  %or = posenc.rotate %o by(%c) half channel_offset 2 : !t, tensor<2x?x4xf32>
  %ot = linalg.transpose ins(%or : !t) outs(%g : !x) permutation = [0, 2, 1, 3]
  return %ot : !x
}
