// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector))" --split-input-file --verify-diagnostics %s

func.func @negative_tensors(%q: tensor<1x2x40x16xf32>, %o: tensor<1x2x40x16xf32>) -> tensor<1x2x40x16xf32> {
  // expected-error @below {{expected memrefs but got tensors: run one-shot-bufferize first}}
  %r = posenc.attention scale(0.25)
      ins(%q, %q, %q : tensor<1x2x40x16xf32>, tensor<1x2x40x16xf32>, tensor<1x2x40x16xf32>)
      outs(%o : tensor<1x2x40x16xf32>)
  return %r : tensor<1x2x40x16xf32>
}

// -----

#blocked = affine_map<(b, h, t, d) -> (b, h, t floordiv 4, d, t mod 4)>
func.func @negative_layout(%q: memref<1x2x40x16xf32, #blocked>, %k: memref<1x2x40x16xf32>) {
  // expected-error @below {{expected operands with a strided layout but got 'memref<1x2x40x16xf32, affine_map<}}
  posenc.attention scale(0.25)
      ins(%q, %k, %k : memref<1x2x40x16xf32, #blocked>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%k : memref<1x2x40x16xf32>)
  return
}
