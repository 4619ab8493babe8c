// RUN: posenc-opt %s --posenc-emulate --split-input-file | FileCheck %s
// RUN: posenc-opt %s --posenc-emulate=statistics=true --split-input-file | mlir-translate --mlir-to-llvmir --split-input-file -o %t

// Each access is told to the emulator before it happens, with its size; its site has
// the alignment and the type.

// CHECK-LABEL: llvm.func internal @posenc_emulated_accesses_kernel
// CHECK-SAME:      (%[[T:.*]]: !llvm.ptr,
// CHECK-DAG:     %[[SIXTEEN:.*]] = llvm.mlir.constant(16 : i64) : i64
// CHECK-DAG:     %[[FOUR:.*]] = llvm.mlir.constant(4 : i64) : i64
// CHECK:         llvm.call %[[LOAD:.*]](%[[T]], %[[P:.*]], %[[SIXTEEN]], %{{.*}}) : !llvm.ptr, (!llvm.ptr, !llvm.ptr, i64, i32) -> ()
// CHECK-NEXT:    llvm.load %[[P]] {alignment = 8 : i64} : !llvm.ptr -> vector<4xf32>
// CHECK:         llvm.call %[[STORE:.*]](%[[T]], %[[Q:.*]], %[[SIXTEEN]], %{{.*}})
// CHECK-NEXT:    llvm.store %{{.*}}, %[[Q]]
// CHECK:         llvm.call %[[ATOMIC:.*]](%[[T]], %[[Q]], %[[FOUR]], %{{.*}})
// CHECK-NEXT:    llvm.atomicrmw fadd %[[Q]], %{{.*}} monotonic : !llvm.ptr, f32
// CHECK:         llvm.call %[[ATOMIC]](%[[T]], %[[P]], %[[FOUR]], %{{.*}})
// CHECK-NEXT:    llvm.cmpxchg %[[P]], %{{.*}}, %{{.*}} acq_rel monotonic
// CHECK:         llvm.call %[[ATOMIC]](%[[T]], %[[P]], %[[FOUR]], %{{.*}})
// CHECK-NEXT:    llvm.load %[[P]] atomic acquire
// CHECK:         llvm.call %[[LOAD]](%[[T]], %[[P]], %[[LENGTH:.*]], %{{.*}})
// CHECK:         llvm.call %[[STORE]](%[[T]], %[[Q]], %[[LENGTH]], %{{.*}})
// CHECK:         "llvm.intr.memcpy"
// CHECK:       llvm.mlir.global internal constant @posenc_emulated_accesses.sites
// CHECK:         llvm.mlir.constant(8 : i32)
// CHECK:         llvm.mlir.constant(16 : i32)
// CHECK:       @posenc_emulated_accesses.strings(
// CHECK-SAME:    llvm.load\00{{[^\\]*}}emulate-checks.mlir:{{[0-9]+}}:10\00\00>f32x4\00llvm.store\00{{[^\\]*}}emulate-checks.mlir:{{[0-9]+}}:5\00f32x4>\00
gpu.module @accesses [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%p: !llvm.ptr<1>, %q: !llvm.ptr<1>, %x: f32, %i: i32, %n: i64) attributes {nvvm.kernel} {
    %0 = llvm.load %p {alignment = 8 : i64} : !llvm.ptr<1> -> vector<4xf32>
    llvm.store %0, %q : vector<4xf32>, !llvm.ptr<1>
    %1 = llvm.atomicrmw fadd %q, %x syncscope("device") monotonic : !llvm.ptr<1>, f32
    %2 = llvm.cmpxchg %p, %i, %i acq_rel monotonic : !llvm.ptr<1>, i32
    %3 = llvm.load %p atomic syncscope("device") acquire {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    "llvm.intr.memcpy"(%q, %p, %n) <{isVolatile = false}> : (!llvm.ptr<1>, !llvm.ptr<1>, i64) -> ()
    llvm.return
  }
}

// -----

// A variable that becomes a value costs nothing.

// CHECK-LABEL: llvm.func internal @posenc_emulated_promoted_kernel
// CHECK-NOT:     llvm.alloca
// CHECK:         llvm.return
gpu.module @promoted [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%x: f32, %out: !llvm.ptr) attributes {nvvm.kernel} {
    %one = llvm.mlir.constant(1 : i32) : i32
    %0 = llvm.alloca %one x f32 : (i32) -> !llvm.ptr
    llvm.store %x, %0 : f32, !llvm.ptr
    %1 = llvm.load %0 : !llvm.ptr -> f32
    llvm.store %1, %out : f32, !llvm.ptr
    llvm.return
  }
}

// -----

// A variable that is followed has a shadow, with a byte of it for a byte of its own;
// an index beyond it is reported and leads to its start.

// CHECK-LABEL: llvm.func internal @posenc_emulated_followed_kernel
// CHECK-SAME:      (%[[T:.*]]: !llvm.ptr,
// CHECK-DAG:     %[[ROOM:.*]] = llvm.mlir.constant(80 : i64) : i64
// CHECK-DAG:     %[[SHADOW:.*]] = llvm.alloca %[[ROOM]] x i8
// CHECK-DAG:     %[[LAST:.*]] = llvm.mlir.constant(13 : i64) : i64
// CHECK:         %[[VARIABLE:.*]] = llvm.alloca %{{.*}} x f32
// CHECK:         "llvm.intr.memset"(%[[SHADOW]],
// CHECK:         %[[OFFSET:.*]] = llvm.sub
// CHECK:         %[[BAD:.*]] = llvm.icmp "uge" %[[OFFSET]], %[[LAST]] : i64
// CHECK:         llvm.call @posenc_emulated_followed.report_poison_if(%[[T]], %[[BAD]], %{{.*}})
// CHECK:         %[[GOOD:.*]] = llvm.select %[[BAD]], %{{.*}}, %[[OFFSET]]
// CHECK:         %[[AT:.*]] = llvm.getelementptr %[[VARIABLE]][%[[GOOD]]]
// CHECK:         %[[SHADOWAT:.*]] = llvm.getelementptr %[[SHADOW]][%[[GOOD]]]
// CHECK:         llvm.store %{{.*}}, %{{.*}} {alignment = 1 : i64} : i32, !llvm.ptr
// CHECK:         llvm.store %{{.*}}, %[[AT]] : f32, !llvm.ptr
// CHECK:         %[[WORD:.*]] = llvm.load %{{.*}} {alignment = 1 : i64} : !llvm.ptr -> i32
// CHECK:         %[[POISON:.*]] = llvm.icmp "ne" %[[WORD]],
// CHECK:         llvm.call @posenc_emulated_followed.report_poison_if(%[[T]], %[[POISON]], %{{.*}})
gpu.module @followed [#rocdl.target<chip = "gfx942">] {
  llvm.func @kernel(%x: f32, %i: i32, %out: !llvm.ptr<1>) attributes {rocdl.kernel} {
    %four = llvm.mlir.constant(4 : i32) : i32
    %0 = llvm.alloca %four x f32 : (i32) -> !llvm.ptr<5>
    %1 = llvm.getelementptr %0[%i] : (!llvm.ptr<5>, i32) -> !llvm.ptr<5>, f32
    llvm.store %x, %1 : f32, !llvm.ptr<5>
    %2 = llvm.getelementptr %0[1] : (!llvm.ptr<5>) -> !llvm.ptr<5>, f32
    %3 = llvm.load %2 : !llvm.ptr<5> -> f32
    llvm.store %3, %out : f32, !llvm.ptr<1>
    llvm.return
  }
}

// -----

// A variable whose address gets away is told to the emulator. Memory of a loop's body
// is made once.

// CHECK-LABEL: llvm.func internal @posenc_emulated_escaped_kernel
// CHECK-SAME:      (%[[T:.*]]: !llvm.ptr,
// CHECK:         %[[V:.*]] = llvm.alloca %{{.*}} x f32
// CHECK:         llvm.br
// CHECK:         llvm.call %{{.*}}(%[[T]], %[[V]], %{{.*}}, %{{.*}}) : !llvm.ptr, (!llvm.ptr, !llvm.ptr, i64, i32) -> ()
// CHECK:         llvm.store %[[V]],
gpu.module @escaped [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%c: i1, %out: !llvm.ptr) attributes {nvvm.kernel} {
    %four = llvm.mlir.constant(4 : i32) : i32
    llvm.br ^loop
  ^loop:
    %0 = llvm.alloca %four x f32 : (i32) -> !llvm.ptr
    llvm.store %0, %out : !llvm.ptr, !llvm.ptr
    llvm.cond_br %c, ^loop, ^done
  ^done:
    llvm.return
  }
}

// -----

// A parameter that is a pointer to a copy is copied to the thread.

// CHECK-LABEL: llvm.func internal @posenc_emulated_copied_kernel
// CHECK:         %[[AT:.*]] = llvm.getelementptr %{{.*}}[0] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// CHECK:         %[[FROM:.*]] = llvm.load %[[AT]] : !llvm.ptr -> !llvm.ptr
// CHECK:         %[[COPY:.*]] = llvm.alloca %{{.*}} x !llvm.array<32 x i32> {alignment = 64 : i64}
// CHECK:         "llvm.intr.memcpy"(%[[COPY]], %[[FROM]], %{{.*}})
// CHECK:         llvm.load %[[COPY]] : !llvm.ptr -> i32
gpu.module @copied [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%p: !llvm.ptr {llvm.byval = !llvm.array<32 x i32>, nvvm.grid_constant}, %out: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.load %p : !llvm.ptr -> i32
    llvm.store %0, %out : i32, !llvm.ptr
    llvm.return
  }
}
