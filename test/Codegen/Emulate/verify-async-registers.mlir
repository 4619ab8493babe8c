// RUN: posenc-opt %s --posenc-verify-async-registers --verify-diagnostics | FileCheck %s
// Every use comes after a wait: no errors.

!registers = !llvm.struct<(f32, f32, f32, f32)>

// CHECK-LABEL: llvm.func @waited
llvm.func @waited(%a: i64, %b: i64, %c: !registers) -> f32 {
  %0 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  // An accumulator of the next one is no use.
  %1 = nvvm.wgmma.mma_async %a, %b, %0, <m = 64, n = 8, k = 16>, D [<f32>, <one>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  // Naming a part of it is no use either.
  %2 = llvm.extractvalue %1[2] : !registers
  nvvm.wgmma.wait.group.sync.aligned 0
  %3 = llvm.fadd %2, %2 : f32
  llvm.return %3 : f32
}

// The first of two groups is complete when one is pending.

// CHECK-LABEL: llvm.func @one_pending
llvm.func @one_pending(%a: i64, %b: i64, %c: !registers) -> f32 {
  %0 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  %1 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  nvvm.wgmma.wait.group.sync.aligned 1
  %2 = llvm.extractvalue %0[0] : !registers
  %3 = llvm.fadd %2, %2 : f32
  nvvm.wgmma.wait.group.sync.aligned 0
  %4 = llvm.extractvalue %1[0] : !registers
  %5 = llvm.fadd %3, %4 : f32
  llvm.return %5 : f32
}

// A pipelined loop: the registers of one trip are read in the next while the same
// instruction writes others.

// CHECK-LABEL: llvm.func @pipelined
llvm.func @pipelined(%a: i64, %b: i64, %c: !registers, %n: i32) -> f32 {
  %zero = llvm.mlir.constant(0.0 : f32) : f32
  %one = llvm.mlir.constant(1 : i32) : i32
  %first = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  nvvm.wgmma.wait.group.sync.aligned 0
  llvm.br ^loop(%n, %first, %zero : i32, !registers, f32)
^loop(%i: i32, %current: !registers, %sum: f32):
  %next = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  %0 = llvm.extractvalue %current[0] : !registers
  %1 = llvm.fadd %sum, %0 : f32
  nvvm.wgmma.wait.group.sync.aligned 0
  %2 = llvm.sub %i, %one : i32
  %3 = llvm.icmp "sgt" %2, %one : i32
  llvm.cond_br %3, ^loop(%2, %next, %1 : i32, !registers, f32), ^done(%1 : f32)
^done(%r: f32):
  llvm.return %r : f32
}
