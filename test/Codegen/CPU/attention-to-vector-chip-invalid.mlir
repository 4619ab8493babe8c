// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{chip=z80}))" --verify-diagnostics %s

// expected-error @below {{expected chip to be host or LLVM's name of an x86 or AArch64 processor but got 'z80'}}
func.func @negative_chip(%q: memref<1x2x40x16xf32>, %o: memref<1x2x40x16xf32>) {
  posenc.attention scale(0.25)
      ins(%q, %q, %q : memref<1x2x40x16xf32>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%o : memref<1x2x40x16xf32>)
  return
}
