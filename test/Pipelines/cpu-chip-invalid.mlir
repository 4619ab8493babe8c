// RUN: posenc-opt --posenc-cpu-pipeline="chip=z{80}" --verify-diagnostics %s

// expected-error @below {{expected chip to be host or LLVM's name of an x86 or AArch64 processor but got 'z{80}'}}
func.func @negative_chip(%q: tensor<1x2x40x16xf32>, %o: tensor<1x2x40x16xf32>) -> tensor<1x2x40x16xf32> {
  %r = posenc.attention scale(0.25)
      ins(%q, %q, %q : tensor<1x2x40x16xf32>, tensor<1x2x40x16xf32>, tensor<1x2x40x16xf32>)
      outs(%o : tensor<1x2x40x16xf32>)
  return %r : tensor<1x2x40x16xf32>
}
