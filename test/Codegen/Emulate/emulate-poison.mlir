// RUN: posenc-opt %s --posenc-emulate | FileCheck %s
// RUN: posenc-opt %s --posenc-emulate | mlir-translate --mlir-to-llvmir -o %t

gpu.module @m [#nvvm.target<chip = "sm_90a">] {

// Code that makes no poison is as it was: lanes of a poison vector that are all set,
// constants that shift by little, what memory holds, and what freeze made of poison.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_negative_defined
// CHECK-NOT:     report_poison
// CHECK:         llvm.return
  llvm.func @negative_defined(%x: f32, %p: !llvm.ptr, %i: i32) attributes {nvvm.kernel} {
    %c0 = llvm.mlir.constant(0 : i32) : i32
    %c1 = llvm.mlir.constant(1 : i32) : i32
    %0 = llvm.mlir.poison : vector<2xf32>
    %1 = llvm.insertelement %x, %0[%c0 : i32] : vector<2xf32>
    %2 = llvm.insertelement %x, %1[%c1 : i32] : vector<2xf32>
    llvm.store %2, %p : vector<2xf32>, !llvm.ptr
    %3 = llvm.shl %i, %c1 : i32
    llvm.store %3, %p : i32, !llvm.ptr
    %4 = llvm.mlir.undef : i32
    %5 = llvm.freeze %4 : i32
    llvm.store %5, %p : i32, !llvm.ptr
    %6 = llvm.mlir.poison : !llvm.struct<(f32, i32)>
    %7 = llvm.insertvalue %x, %6[0] : !llvm.struct<(f32, i32)>
    %8 = llvm.extractvalue %7[0] : !llvm.struct<(f32, i32)>
    llvm.store %8, %p : f32, !llvm.ptr
    %9 = llvm.shufflevector %1, %2 [0, 3] : vector<2xf32>
    llvm.store %9, %p : vector<2xf32>, !llvm.ptr
    llvm.return
  }

// A stored value, of which one lane is poison.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_store
// CHECK:         %[[TRUE:.*]] = llvm.mlir.constant(true) : i1
// CHECK:         llvm.call @posenc_emulated_m.report_poison_if(%{{.*}}, %[[TRUE]], %{{.*}}) : (!llvm.ptr, i1, i32) -> ()
// CHECK:         llvm.store
  llvm.func @store(%x: f32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %c0 = llvm.mlir.constant(0 : i32) : i32
    %0 = llvm.mlir.poison : vector<2xf32>
    %1 = llvm.insertelement %x, %0[%c0 : i32] : vector<2xf32>
    llvm.store %1, %p : vector<2xf32>, !llvm.ptr
    llvm.return
  }

// Flags: an intrinsic says whether they were right.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_overflow
// CHECK:         %[[SUM:.*]] = llvm.add
// CHECK:         %[[PAIR:.*]] = "llvm.intr.sadd.with.overflow"
// CHECK:         %[[BIT:.*]] = llvm.extractvalue %[[PAIR]][1]
// CHECK:         "llvm.intr.umul.with.overflow"
// CHECK:         %[[ALL:.*]] = llvm.or
// CHECK:         llvm.call @posenc_emulated_m.report_poison_if(%{{.*}}, %[[ALL]], %{{.*}})
  llvm.func @overflow(%x: i32, %y: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.add %x, %y overflow<nsw> : i32
    %1 = llvm.mul %0, %y overflow<nuw> : i32
    llvm.store %1, %p : i32, !llvm.ptr
    llvm.return
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_others
// CHECK:         "llvm.intr.ssub.with.overflow"
// CHECK:         "llvm.intr.usub.with.overflow"
// CHECK:         "llvm.intr.smul.with.overflow"
// CHECK:         "llvm.intr.uadd.with.overflow"
  llvm.func @others(%x: i32, %y: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.sub %x, %y overflow<nsw, nuw> : i32
    %1 = llvm.mul %0, %y overflow<nsw> : i32
    %2 = llvm.add %1, %y overflow<nuw> : i32
    llvm.store %2, %p : i32, !llvm.ptr
    llvm.return
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_shift
// CHECK:         %[[BIG:.*]] = llvm.icmp "uge" %{{.*}}, %{{.*}} : i32
// CHECK:         llvm.ashr
// CHECK:         llvm.icmp "ne"
// CHECK:         llvm.lshr
// CHECK:         llvm.icmp "ne"
// CHECK:         llvm.shl
// CHECK:         llvm.icmp "ne"
  llvm.func @shift(%x: i32, %n: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %c2 = llvm.mlir.constant(2 : i32) : i32
    %0 = llvm.shl %x, %n overflow<nsw, nuw> : i32
    %1 = llvm.lshr exact %0, %c2 : i32
    llvm.store %1, %p : i32, !llvm.ptr
    llvm.return
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_exact
// CHECK:         %[[Q:.*]] = llvm.udiv %[[X:.*]], %[[C:.*]] : i32
// CHECK:         %[[BACK:.*]] = llvm.mul %[[Q]], %[[C]] : i32
// CHECK:         llvm.icmp "ne" %[[BACK]], %[[X]] : i32
// CHECK:         llvm.and
// CHECK:         llvm.icmp "ne"
// CHECK:         llvm.icmp "slt"
// CHECK:         llvm.sext
// CHECK:         llvm.icmp "ne"
  llvm.func @exact(%x: i32, %y: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %c3 = llvm.mlir.constant(3 : i32) : i32
    %0 = llvm.udiv exact %x, %c3 : i32
    %1 = llvm.or disjoint %0, %y : i32
    %2 = llvm.zext nneg %1 : i32 to i64
    %3 = llvm.trunc %2 overflow<nsw> : i64 to i8
    llvm.store %3, %p : i8, !llvm.ptr
    llvm.return
  }

// Bounds are those of the integer where the float has them: −2³¹ − 1 is no f32, but
// −129 and 2³² are.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_convert
// CHECK:         %[[LOW:.*]] = llvm.mlir.constant(-2.14748365E+9 : f32) : f32
// CHECK:         llvm.fcmp "ult" %{{.*}}, %[[LOW]] : f32
// CHECK:         %[[HIGH:.*]] = llvm.mlir.constant(2.14748365E+9 : f32) : f32
// CHECK:         llvm.fcmp "uge" %{{.*}}, %[[HIGH]] : f32
// CHECK:         llvm.mlir.constant(-1.290000e+02 : f32)
// CHECK:         llvm.fcmp "ule"
// CHECK:         llvm.mlir.constant(-1.000000e+00 : f32)
// CHECK:         llvm.fcmp "ule"
// CHECK:         llvm.mlir.constant(4.2949673E+9 : f32)
// CHECK:         llvm.fcmp "uge"
  llvm.func @convert(%x: f32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.fptosi %x : f32 to i32
    llvm.store %0, %p : i32, !llvm.ptr
    %1 = llvm.fptosi %x : f32 to i8
    llvm.store %1, %p : i8, !llvm.ptr
    %2 = llvm.fptoui %x : f32 to i32
    llvm.store %2, %p : i32, !llvm.ptr
    llvm.return
  }

// An index beyond the lanes, and lanes by an index.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_lanes
// CHECK:         %[[BEYOND:.*]] = llvm.icmp "uge" %[[I:.*]], %{{.*}} : i32
// CHECK:         %[[HERE:.*]] = llvm.icmp "eq" %[[I]], %{{.*}} : i32
// CHECK:         llvm.and %[[HERE]], %{{.*}} : i1
// CHECK:         "llvm.intr.cttz"
// CHECK:         llvm.icmp "eq"
  llvm.func @lanes(%v: vector<2xi32>, %i: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.insertelement %i, %v[%i : i32] : vector<2xi32>
    %1 = llvm.extractelement %0[%i : i32] : vector<2xi32>
    %2 = "llvm.intr.cttz"(%1) <{is_zero_poison = true}> : (i32) -> i32
    llvm.store %2, %p : i32, !llvm.ptr
    llvm.return
  }

// Sinks: branch, switch, address, divisor, what an assumption says.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_sinks
// CHECK:         report_poison_if
// CHECK:         llvm.load
// CHECK:         report_poison_if
// CHECK:         llvm.udiv
// CHECK:         report_poison_if
// CHECK:         report_poison_if
// CHECK:         llvm.cond_br
// CHECK:         report_poison_if
// CHECK:         llvm.switch
// CHECK:         report_poison_if
// CHECK:         llvm.atomicrmw
  llvm.func @sinks(%x: i32, %n: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %c0 = llvm.mlir.constant(0 : i32) : i32
    %0 = llvm.shl %x, %n : i32
    %1 = llvm.getelementptr %p[%0] : (!llvm.ptr, i32) -> !llvm.ptr, i32
    %2 = llvm.load %1 : !llvm.ptr -> i32
    %3 = llvm.udiv %2, %0 : i32
    %4 = llvm.icmp "eq" %0, %3 : i32
    llvm.intr.assume %4 : i1
    llvm.cond_br %4, ^a, ^b
  ^a:
    llvm.switch %0 : i32, ^b [0: ^b]
  ^b:
    %5 = llvm.atomicrmw add %p, %0 monotonic : !llvm.ptr, i32
    llvm.return
  }

// A divisor that is zero, or the quotient that overflows.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_divisor
// CHECK:         %[[ISZERO:.*]] = llvm.icmp "eq" %{{.*}}, %{{.*}} : i32
// CHECK:         %[[BOTH:.*]] = llvm.and %{{.*}}, %{{.*}} : i1
// CHECK:         %[[BAD:.*]] = llvm.or %[[ISZERO]], %[[BOTH]] : i1
// CHECK:         llvm.call @posenc_emulated_m.report_poison_if(%{{.*}}, %[[BAD]], %{{.*}})
// CHECK:         llvm.sdiv
  llvm.func @divisor(%x: i32, %y: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.sdiv %x, %y : i32
    llvm.store %0, %p : i32, !llvm.ptr
    llvm.return
  }

// Only the side that select takes counts, and its condition.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_select
// CHECK:         %[[BIG:.*]] = llvm.icmp "uge"
// CHECK:         %[[TAKEN:.*]] = llvm.select %[[C:.*]], %[[BIG]], %{{.*}} : i1, i1
// CHECK:         llvm.call @posenc_emulated_m.report_poison_if(%{{.*}}, %[[TAKEN]], %{{.*}})
  llvm.func @select(%c: i1, %x: i32, %n: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.shl %x, %n : i32
    %1 = llvm.select %c, %0, %x : i1, i32
    llvm.store %1, %p : i32, !llvm.ptr
    llvm.return
  }

// A block argument that may be poison has an i1 beside it; others have none.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_blocks
// CHECK:         %[[FALSE:.*]] = llvm.mlir.constant(false) : i1
// CHECK:         llvm.br ^[[LOOP:.*]](%{{.*}}, %{{.*}}, %[[FALSE]] : i32, i32, i1)
// CHECK:       ^[[LOOP]](%{{.*}}: i32, %{{.*}}: i32, %[[BIT:.*]]: i1):
// CHECK:         %[[BIG:.*]] = llvm.icmp "uge"
// CHECK:         %[[NEXT:.*]] = llvm.or %[[BIT]], %[[BIG]]
// CHECK:         llvm.cond_br %{{.*}}, ^[[LOOP]](%{{.*}}, %{{.*}}, %[[NEXT]] : i32, i32, i1), ^[[DONE:.*]](%{{.*}}, %[[NEXT]] : i32, i1)
// CHECK:       ^[[DONE]](%{{.*}}: i32, %[[END:.*]]: i1):
// CHECK:         llvm.call @posenc_emulated_m.report_poison_if(%{{.*}}, %[[END]], %{{.*}})
  llvm.func @blocks(%x: i32, %n: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %one = llvm.mlir.constant(1 : i32) : i32
    llvm.br ^loop(%n, %x : i32, i32)
  ^loop(%i: i32, %y: i32):
    %0 = llvm.shl %y, %n : i32
    %1 = llvm.sub %i, %one : i32
    %2 = llvm.icmp "sgt" %1, %one : i32
    llvm.cond_br %2, ^loop(%1, %0 : i32, i32), ^done(%0 : i32)
  ^done(%z: i32):
    llvm.store %z, %p : i32, !llvm.ptr
    llvm.return
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_cases
// CHECK:         %[[BIG:.*]] = llvm.icmp "uge"
// CHECK:         llvm.switch %{{.*}} : i32, ^[[END:.*]](%{{.*}}, %{{.*}} : i32, i1) [
// CHECK:           0: ^[[END]](%{{.*}}, %[[BIG]] : i32, i1)
// CHECK:         ]
  llvm.func @cases(%x: i32, %n: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.shl %x, %n : i32
    llvm.switch %x : i32, ^end(%x : i32) [0: ^end(%0 : i32)]
  ^end(%y: i32):
    llvm.store %y, %p : i32, !llvm.ptr
    llvm.return
  }

// Functions pass it on: a parameter and a result with an i1 each.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_twice
// CHECK-SAME:      (%{{.*}}: !llvm.ptr, %{{.*}}: i32, %{{.*}}: i32, %[[BIT:.*]]: i1) -> !llvm.struct<(i32, i1)> {
// CHECK:         llvm.insertvalue %[[BIT]], %{{.*}}[1]
// CHECK-LABEL: llvm.func internal @posenc_emulated_m_calls
// CHECK:         %[[BIG:.*]] = llvm.icmp "uge"
// CHECK:         %[[PAIR:.*]] = llvm.call @posenc_emulated_m_twice(%{{.*}}, %{{.*}}, %{{.*}}, %[[BIG]]) : (!llvm.ptr, i32, i32, i1) -> !llvm.struct<(i32, i1)>
// CHECK:         %[[RESULT:.*]] = llvm.extractvalue %[[PAIR]][1]
// CHECK:         llvm.call @posenc_emulated_m.report_poison_if(%{{.*}}, %[[RESULT]], %{{.*}})
  llvm.func @twice(%a: i32, %x: i32) -> i32 {
    %0 = llvm.add %x, %a : i32
    llvm.return %0 : i32
  }
  llvm.func @calls(%x: i32, %n: i32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.shl %x, %n : i32
    %1 = llvm.call @twice(%x, %0) : (i32, i32) -> i32
    llvm.store %1, %p : i32, !llvm.ptr
    llvm.return
  }

// Instructions get a byte per operand; what a shuffle brings may be poison, what
// exp2 makes is only if its operand is.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_instructions
// CHECK-DAG:     %[[RESULTS:.*]] = llvm.alloca %{{.*}} x i8
// CHECK-DAG:     llvm.mlir.zero : !llvm.ptr
// CHECK:         llvm.call %{{.*}}(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[RESULTS]])
// CHECK:         %[[BYTE:.*]] = llvm.load %[[RESULTS]] : !llvm.ptr -> i8
// CHECK:         %[[BIT:.*]] = llvm.icmp "ne" %[[BYTE]],
// CHECK:         %[[AS8:.*]] = llvm.zext %[[BIT]] : i1 to i8
// CHECK:         llvm.store %[[AS8]], %[[OPERANDS:.*]] : i8, !llvm.ptr
// CHECK:         llvm.call %{{.*}}(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[OPERANDS]], %[[RESULTS]])
  llvm.func @instructions(%x: f32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %m = llvm.mlir.constant(-1 : i32) : i32
    %o = llvm.mlir.constant(1 : i32) : i32
    %0 = nvvm.shfl.sync bfly %m, %x, %o, %m : f32 -> f32
    %1 = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%0) : (f32) -> f32
    llvm.store %1, %p : f32, !llvm.ptr
    llvm.return
  }

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_negative_instructions
// CHECK-NOT:     x i8
// CHECK-NOT:     report_poison_if
// CHECK:         llvm.return
  llvm.func @negative_instructions(%x: f32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %0 = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%x) : (f32) -> f32
    llvm.store %0, %p : f32, !llvm.ptr
    llvm.return
  }

// Half of an f32 is poison: so is the f32.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_cast
// CHECK:         %[[TRUE:.*]] = llvm.mlir.constant(true) : i1
// CHECK:         llvm.call @posenc_emulated_m.report_poison_if(%{{.*}}, %[[TRUE]], %{{.*}})
// CHECK:         llvm.store
// CHECK-NOT:     report_poison_if
// CHECK:         llvm.return
  llvm.func @cast(%x: f16, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %c0 = llvm.mlir.constant(0 : i32) : i32
    %c1 = llvm.mlir.constant(1 : i32) : i32
    %0 = llvm.mlir.poison : vector<4xf16>
    %1 = llvm.insertelement %x, %0[%c0 : i32] : vector<4xf16>
    %2 = llvm.insertelement %x, %1[%c1 : i32] : vector<4xf16>
    %3 = llvm.bitcast %2 : vector<4xf16> to vector<2xf32>
    %4 = llvm.extractelement %3[%c1 : i32] : vector<2xf32>
    llvm.store %4, %p : f32, !llvm.ptr
    %5 = llvm.extractelement %3[%c0 : i32] : vector<2xf32>
    llvm.store %5, %p : f32, !llvm.ptr
    llvm.return
  }

// What is never reached on the device.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m_unreachable
// CHECK:         llvm.call @posenc_emulated_m.report_poison_if
// CHECK:         llvm.return
// CHECK:         llvm.return
  llvm.func @unreachable(%c: i1) attributes {nvvm.kernel} {
    llvm.cond_br %c, ^a, ^b
  ^a:
    llvm.unreachable
  ^b:
    llvm.return
  }
}

// The one function that branches.

// CHECK-LABEL: llvm.func internal @posenc_emulated_m.report_poison_if
// CHECK-SAME:      (%[[T:.*]]: !llvm.ptr, %[[IF:.*]]: i1, %[[SITE:.*]]: i32) attributes {always_inline} {
// CHECK:         llvm.cond_br %[[IF]], ^[[REPORT:.*]], ^[[DONE:.*]]
// CHECK:       ^[[REPORT]]:
// CHECK:         llvm.call %{{.*}}(%[[T]], %[[SITE]]) : !llvm.ptr, (!llvm.ptr, i32) -> ()
