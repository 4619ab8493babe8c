// RUN: posenc-opt %s -split-input-file -verify-diagnostics --posenc-attention-to-gpu=chip=sm_80
// RUN: not posenc-opt %s --posenc-attention-to-gpu=chip=sm_x 2>&1 | FileCheck %s --check-prefix=CHIP -DGOT=sm_x
// RUN: not posenc-opt %s --posenc-attention-to-gpu=chip=gfx803 2>&1 | FileCheck %s --check-prefix=CHIP -DGOT=gfx803
// RUN: not posenc-opt %s --posenc-attention-to-gpu=chip=gfx9 2>&1 | FileCheck %s --check-prefix=CHIP -DGOT=gfx9
// RUN: not posenc-opt %s --posenc-attention-to-gpu 2>&1 | FileCheck %s --check-prefix=CHIP -DGOT=
// RUN: not posenc-opt %s --posenc-attention-to-gpu="chip=sm_80 engine=wgmma" 2>&1 | FileCheck %s --check-prefix=ENGINE

// CHIP: error: expected a chip (sm_XX, or gfxXXX of generation 9 to 12) but got '[[GOT]]'
// ENGINE: error: 'posenc.attention' op expected the name of an engine but got 'wgmma'

func.func @negative_value_head_size(%q: memref<1x1x8x64xf32>, %v: memref<1x1x8x320xf32>) {
  // expected-error @below {{expected a value head size of at most 256 but got 320}}
  posenc.attention scale(0.5) ins(%q, %q, %v : memref<1x1x8x64xf32>, memref<1x1x8x64xf32>, memref<1x1x8x320xf32>) outs(%v : memref<1x1x8x320xf32>)
  return
}

// -----

func.func @negative_tensors(%q: tensor<1x1x8x64xf32>) -> tensor<1x1x8x64xf32> {
  // expected-error @below {{expected attention on memrefs but got tensors}}
  %0 = posenc.attention scale(0.5) ins(%q, %q, %q : tensor<1x1x8x64xf32>, tensor<1x1x8x64xf32>, tensor<1x1x8x64xf32>) outs(%q : tensor<1x1x8x64xf32>)
  return %0 : tensor<1x1x8x64xf32>
}
