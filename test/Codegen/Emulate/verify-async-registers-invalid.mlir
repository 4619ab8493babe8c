// RUN: posenc-opt %s --posenc-verify-async-registers --split-input-file --verify-diagnostics

!registers = !llvm.struct<(f32, f32, f32, f32)>
llvm.func @negative_no_commit(%a: i64, %b: i64, %c: !registers) -> f32 {
  // expected-note @below {{the instruction is here}}
  %0 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  // A wait for groups does not cover what is in none.
  nvvm.wgmma.wait.group.sync.aligned 0
  %1 = llvm.extractvalue %0[0] : !registers
  // expected-error @below {{uses registers that an asynchronous instruction may still write: expected its group to be committed and waited for}}
  %2 = llvm.fadd %1, %1 : f32
  llvm.return %2 : f32
}

// -----

!registers = !llvm.struct<(f32, f32, f32, f32)>
llvm.func @negative_no_wait(%a: i64, %b: i64, %c: !registers) -> !registers {
  // expected-note @below {{the instruction is here}}
  %0 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  // expected-error @below {{expected a wait that leaves at most 0 groups pending}}
  llvm.return %0 : !registers
}

// -----

!registers = !llvm.struct<(f32, f32, f32, f32)>
llvm.func @negative_too_many_pending(%a: i64, %b: i64, %c: !registers, %to: !llvm.ptr) {
  // expected-note @below {{the instruction is here}}
  %0 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  %1 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  nvvm.wgmma.wait.group.sync.aligned 2
  // expected-error @below {{expected a wait that leaves at most 1 groups pending}}
  llvm.store %0, %to : !registers, !llvm.ptr
  llvm.return
}

// -----

// One of two paths waits.
!registers = !llvm.struct<(f32, f32, f32, f32)>
llvm.func @negative_one_path(%a: i64, %b: i64, %c: !registers, %which: i1, %to: !llvm.ptr) {
  // expected-note @below {{the instruction is here}}
  %0 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  nvvm.wgmma.commit.group.sync.aligned
  llvm.cond_br %which, ^wait, ^use(%0 : !registers)
^wait:
  nvvm.wgmma.wait.group.sync.aligned 0
  llvm.br ^use(%0 : !registers)
^use(%1: !registers):
  %2 = llvm.extractvalue %1[1] : !registers
  // expected-error @below {{expected a wait that leaves at most 0 groups pending}}
  llvm.store %2, %to : f32, !llvm.ptr
  llvm.return
}

// -----

// The wait is at the end of the loop, the use at its start: of the trip before it is
// waited for, but not of the first.
!registers = !llvm.struct<(f32, f32, f32, f32)>
llvm.func @negative_first_trip(%a: i64, %b: i64, %c: !registers, %x: f32, %go: i1, %to: !llvm.ptr) {
  // expected-note @below {{the instruction is here}}
  %0 = nvvm.wgmma.mma_async %a, %b, %c, <m = 64, n = 8, k = 16>, D [<f32>, <zero>],
    A [<f16>, <one>, <row>], B [<f16>, <one>, <col>] : !registers -> !registers
  llvm.br ^loop(%0 : !registers)
^loop(%1: !registers):
  %2 = llvm.insertvalue %x, %1[0] : !registers
  // expected-error @below {{expected its group to be committed and waited for}}
  llvm.store %2, %to : !registers, !llvm.ptr
  nvvm.wgmma.commit.group.sync.aligned
  nvvm.wgmma.wait.group.sync.aligned 0
  llvm.cond_br %go, ^loop(%1 : !registers), ^done
^done:
  llvm.return
}
