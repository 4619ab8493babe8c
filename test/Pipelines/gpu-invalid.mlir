// RUN: not posenc-opt %s --posenc-nvvm-pipeline="chip=sm_70" 2>&1 | FileCheck %s --check-prefix=NVIDIA
// RUN: not posenc-opt %s --posenc-rocdl-pipeline="chip=sm_90" 2>&1 | FileCheck %s --check-prefix=AMD
// RUN: not posenc-opt %s --posenc-nvvm-pipeline="format=asm" 2>&1 | FileCheck %s --check-prefix=PTX
// RUN: not posenc-opt %s --posenc-rocdl-pipeline="format=cubin" 2>&1 | FileCheck %s --check-prefix=ASM
// RUN: not env PATH=/nonexistent %posenc_bin/bin/posenc-opt %s --posenc-nvvm-pipeline="format=cubin" 2>&1 | FileCheck %s --check-prefix=PTXAS

// NVIDIA: error: expected chip to be one of 'sm_75', {{.*}}'sm_90a', {{.*}}'sm_121a' but got 'sm_70'
// AMD: error: expected chip to be one of 'gfx906', {{.*}}'gfx942', {{.*}}'gfx1201' but got 'sm_90'
// PTX: error: expected format to be one of 'ptx', 'cubin', 'llvm' but got 'asm'
// ASM: error: expected format to be one of 'asm', 'hsaco', 'llvm' but got 'cubin'
// PTXAS: error: expected ptxas on PATH to make a cubin but found none
func.func @fill(%v: f32) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.fill ins(%v : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
