// RUN: posenc-opt %s --posenc-plan="chip=tpu" -verify-diagnostics
// RUN: posenc-opt %s --posenc-print-plan="chip=tpu" -verify-diagnostics

// expected-error @below {{expected chip to be host, LLVM's name of an x86 or AArch64 processor, sm_XX or gfxXXX but got 'tpu'}}
module {
  func.func @negative_chip(%q: tensor<1x4x8x16xf32>, %init: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
    %o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>) outs(%init : tensor<1x4x8x16xf32>)
    return %o : tensor<1x4x8x16xf32>
  }
}
