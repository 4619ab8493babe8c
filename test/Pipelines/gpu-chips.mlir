// One kernel with attention and one with other math, through every chip's tools.
// DEFINE: %{chip} =
// DEFINE: %{nvidia} = posenc-opt %s --posenc-nvvm-pipeline="chip=%{chip} format=ptx"
// DEFINE: %{cubin} = posenc-opt %s --posenc-nvvm-pipeline="chip=%{chip} format=cubin"
// DEFINE: %{amd} = posenc-opt %s --posenc-rocdl-pipeline="chip=%{chip} format=asm"
// DEFINE: %{hsaco} = posenc-opt %s --posenc-rocdl-pipeline="chip=%{chip} format=hsaco"

// REDEFINE: %{chip} = sm_75
// RUN: %{nvidia} | FileCheck %s -D#VERSION=75 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_80
// RUN: %{nvidia} | FileCheck %s -D#VERSION=80 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_86
// RUN: %{nvidia} | FileCheck %s -D#VERSION=86 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_87
// RUN: %{nvidia} | FileCheck %s -D#VERSION=87 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_89
// RUN: %{nvidia} | FileCheck %s -D#VERSION=89 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_90
// RUN: %{nvidia} | FileCheck %s -D#VERSION=90 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_90a
// RUN: %{nvidia} | FileCheck %s -D#VERSION=90 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_100
// RUN: %{nvidia} | FileCheck %s -D#VERSION=100 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_100a
// RUN: %{nvidia} | FileCheck %s -D#VERSION=100 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_103a
// RUN: %{nvidia} | FileCheck %s -D#VERSION=103 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_120
// RUN: %{nvidia} | FileCheck %s -D#VERSION=120 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_120a
// RUN: %{nvidia} | FileCheck %s -D#VERSION=120 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = sm_121a
// RUN: %{nvidia} | FileCheck %s -D#VERSION=121 --check-prefix=NVIDIA --implicit-check-not=call.uni
// RUN: %if ptxas %{ %{cubin} | FileCheck %s --check-prefix=ELF %}

// REDEFINE: %{chip} = gfx906
// RUN: %{amd} | FileCheck %s -DCHIP=gfx906 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx908
// RUN: %{amd} | FileCheck %s -DCHIP=gfx908 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx90a
// RUN: %{amd} | FileCheck %s -DCHIP=gfx90a --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx942
// RUN: %{amd} | FileCheck %s -DCHIP=gfx942 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx950
// RUN: %{amd} | FileCheck %s -DCHIP=gfx950 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx1030
// RUN: %{amd} | FileCheck %s -DCHIP=gfx1030 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx1100
// RUN: %{amd} | FileCheck %s -DCHIP=gfx1100 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx1101
// RUN: %{amd} | FileCheck %s -DCHIP=gfx1101 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx1102
// RUN: %{amd} | FileCheck %s -DCHIP=gfx1102 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx1151
// RUN: %{amd} | FileCheck %s -DCHIP=gfx1151 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx1200
// RUN: %{amd} | FileCheck %s -DCHIP=gfx1200 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}
// REDEFINE: %{chip} = gfx1201
// RUN: %{amd} | FileCheck %s -DCHIP=gfx1201 --check-prefix=AMD --implicit-check-not=s_swappc
// RUN: %if lld %{ %{hsaco} | FileCheck %s --check-prefix=ELF %}

// NVIDIA: gpu.binary @kernels
// NVIDIA-SAME: .target sm_[[#VERSION]]
// NVIDIA-SAME: ex2.approx.ftz.f32
// AMD: gpu.binary @kernels
// AMD-SAME: amdgcn-amd-amdhsa--[[CHIP]]
// AMD-SAME: v_exp_f32
// ELF: gpu.binary @kernels
// ELF-SAME: bin = "\7FELF
func.func @layer(%q: tensor<1x4x?x64xbf16>, %k: tensor<1x2x?x64xbf16>, %v: tensor<1x2x?x64xbf16>)
    -> tensor<1x4x?x64xbf16> {
  %c2 = arith.constant 2 : index
  %t = tensor.dim %q, %c2 : tensor<1x4x?x64xbf16>
  %init = tensor.empty(%t) : tensor<1x4x?x64xbf16>
  %g = linalg.tanh ins(%q : tensor<1x4x?x64xbf16>) outs(%init : tensor<1x4x?x64xbf16>) -> tensor<1x4x?x64xbf16>
  %o = posenc.attention scale(0.125)
      ins(%g, %k, %v : tensor<1x4x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>)
      outs(%init : tensor<1x4x?x64xbf16>)
  return %o : tensor<1x4x?x64xbf16>
}
