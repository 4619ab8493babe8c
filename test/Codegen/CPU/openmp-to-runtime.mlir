// RUN: posenc-opt %s --posenc-openmp-to-runtime --split-input-file --verify-diagnostics | FileCheck %s

/// One dimension: what the body uses is passed in a struct, constants are repeated.
// CHECK-LABEL: llvm.func @one(
// CHECK-SAME:    %[[P:.*]]: !llvm.ptr, %[[N:.*]]: i64
// CHECK:         %[[CONTEXT:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, i64)>
// CHECK:         llvm.store %[[P]], %{{.*}} : !llvm.ptr, !llvm.ptr
// CHECK:         llvm.store %[[N]], %{{.*}} : i64, !llvm.ptr
// CHECK:         %[[BODY:.*]] = llvm.mlir.addressof @one_part
// CHECK:         llvm.call @posenc_rt_parallel_for(%[[BODY]], %[[CONTEXT]], %{{.*}}, %{{.*}})
// CHECK-NOT:     omp
// CHECK-LABEL: llvm.func private @one_part(
// CHECK-SAME:    %[[C:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64)
// CHECK:         %[[LOADED:.*]] = llvm.load %{{.*}} : !llvm.ptr -> !llvm.ptr
// CHECK:         llvm.getelementptr %[[LOADED]]
// CHECK:         llvm.store
llvm.func @one(%p: !llvm.ptr, %n: i64) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %value = llvm.mlir.constant(2.0 : f32) : f32
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : i64 = (%zero) to (%n) step (%one) {
        %a = llvm.getelementptr %p[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
        llvm.store %value, %a : f32, !llvm.ptr
        omp.yield
      }
    }
    omp.terminator
  }
  llvm.return
}

// -----

/// Two dimensions are one range; the last one is counted up in an inner loop. The body has a branch.
// CHECK-LABEL: llvm.func private @two_part(
// CHECK:         llvm.urem
// CHECK:         llvm.udiv
// CHECK:         llvm.intr.smin
// CHECK:         llvm.cond_br
// CHECK:         llvm.call @f
llvm.func @f(i64, i64)
llvm.func @two(%c: i1, %n: i64, %m: i64) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %two = llvm.mlir.constant(2 : i64) : i64
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i, %j) : i64 = (%zero, %n) to (%n, %m) step (%two, %two) collapse(2) {
        llvm.cond_br %c, ^bb1, ^bb2
      ^bb1:
        llvm.call @f(%i, %j) : (i64, i64) -> ()
        llvm.br ^bb2
      ^bb2:
        omp.yield
      }
    }
    omp.terminator
  }
  llvm.return
}

// -----

/// A reduction stays on its thread, and so does a loop inside a loop.
// CHECK-LABEL: llvm.func @sum(
// CHECK-NOT:     posenc_rt_parallel_for
// CHECK:         llvm.call @sum_part(
// CHECK-NOT:     omp.declare_reduction
omp.declare_reduction @add : f32 init {
^bb0(%a: f32):
  %0 = llvm.mlir.constant(0.0 : f32) : f32
  omp.yield(%0 : f32)
} combiner {
^bb0(%a: f32, %b: f32):
  %0 = llvm.fadd %a, %b : f32
  omp.yield(%0 : f32)
}
llvm.func @sum(%p: !llvm.ptr, %acc: !llvm.ptr, %n: i64) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  omp.parallel {
    omp.wsloop reduction(@add %acc -> %own : !llvm.ptr) {
      omp.loop_nest (%i) : i64 = (%zero) to (%n) step (%one) {
        %a = llvm.getelementptr %p[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
        %x = llvm.load %a : !llvm.ptr -> f32
        %s = llvm.load %own : !llvm.ptr -> f32
        %t = llvm.fadd %s, %x : f32
        llvm.store %t, %own : f32, !llvm.ptr
        omp.yield
      }
    }
    omp.terminator
  }
  llvm.return
}

// -----

// CHECK-LABEL: llvm.func @nested(
// CHECK:         llvm.call @posenc_rt_parallel_for(
// CHECK-LABEL: llvm.func private @nested_part(
// CHECK:         llvm.call @nested_part_part(
// CHECK-LABEL: llvm.func private @nested_part_part(
llvm.func @g(i64)
llvm.func @nested(%n: i64) {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : i64 = (%zero) to (%n) step (%one) {
        omp.parallel {
          omp.wsloop {
            omp.loop_nest (%j) : i64 = (%zero) to (%i) step (%one) {
              llvm.call @g(%j) : (i64) -> ()
              omp.yield
            }
          }
          omp.terminator
        }
        omp.yield
      }
    }
    omp.terminator
  }
  llvm.return
}

// -----

llvm.func @negative_no_loop() {
  // expected-error @below {{expected omp.parallel around one omp.wsloop of one omp.loop_nest with exclusive bounds of type i64}}
  omp.parallel {
    omp.terminator
  }
  llvm.return
}

// -----

llvm.func @negative_narrow(%n: i32) {
  // expected-error @below {{expected omp.parallel around one omp.wsloop of one omp.loop_nest with exclusive bounds of type i64}}
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : i32 = (%n) to (%n) step (%n) {
        omp.yield
      }
    }
    omp.terminator
  }
  llvm.return
}

// -----

llvm.func @negative_other() {
  // expected-error @below {{expected no OpenMP but parallel loops}}
  omp.barrier
  llvm.return
}

// -----

func.func @negative_function(%n: i64) {
  // expected-error @below {{expected to be in an llvm.func}}
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : i64 = (%n) to (%n) step (%n) {
        omp.yield
      }
    }
    omp.terminator
  }
  return
}
