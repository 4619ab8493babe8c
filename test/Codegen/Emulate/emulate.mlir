// RUN: posenc-opt %s --posenc-emulate=checks=false --split-input-file | FileCheck %s
// RUN: posenc-opt %s --posenc-emulate=checks=false --split-input-file | mlir-translate --mlir-to-llvmir --split-input-file -o %t

// A kernel: parameters from the array, ids from the thread, nothing of the target left.

// CHECK-LABEL: module {
// CHECK:       llvm.func internal @posenc_emulated_ids_scale(%[[T:.*]]: !llvm.ptr, %[[A:.*]]: !llvm.ptr) {
// CHECK-DAG:     %[[AT0:.*]] = llvm.getelementptr %[[A]][0] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// CHECK-DAG:     %[[P0:.*]] = llvm.load %[[AT0]] : !llvm.ptr -> !llvm.ptr
// CHECK-DAG:     %[[OUT:.*]] = llvm.load %[[P0]] : !llvm.ptr -> !llvm.ptr
// CHECK-DAG:     %[[AT1:.*]] = llvm.getelementptr %[[A]][1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// CHECK-DAG:     %[[P1:.*]] = llvm.load %[[AT1]] : !llvm.ptr -> !llvm.ptr
// CHECK-DAG:     %[[X:.*]] = llvm.load %[[P1]] : !llvm.ptr -> f32
// The offsets are those of posenc_emu_thread.
// CHECK-DAG:     %[[TX:.*]] = llvm.getelementptr %[[T]][8] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK-DAG:     %[[ID:.*]] = llvm.load %[[TX]] invariant : !llvm.ptr -> i32
// CHECK-DAG:     llvm.getelementptr %[[T]][20] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK-DAG:     llvm.getelementptr %[[T]][32] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK-DAG:     llvm.getelementptr %[[T]][44] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.sext %[[ID]] : i32 to i64
// CHECK:         llvm.store %[[X]], %{{.*}} : f32, !llvm.ptr
// CHECK:       llvm.mlir.global internal constant @posenc_emulated_ids.kernels
// CHECK:       llvm.mlir.global external constant @posenc_images_ids() {{.*}} : !llvm.struct<(i64, ptr)>
// CHECK:       @posenc_emulated_ids.strings("scale\00
// CHECK-SAME:  sm_90a\00emulated\00
// CHECK-NOT:   gpu.module
module attributes {gpu.container_module} {
  llvm.mlir.global external constant @posenc_images_ids() : !llvm.struct<(i64, ptr)>
  gpu.module @ids [#nvvm.target<chip = "sm_90a">] {
    llvm.func @scale(%out: !llvm.ptr<1>, %x: f32, %unused: i32) attributes {gpu.kernel, nvvm.kernel, nvvm.maxntid = array<i32: 256>} {
      %0 = nvvm.read.ptx.sreg.tid.x range <i32, 0, 256> : i32
      %1 = nvvm.read.ptx.sreg.ctaid.x : i32
      %2 = nvvm.read.ptx.sreg.ntid.x : i32
      %3 = nvvm.read.ptx.sreg.nctaid.x : i32
      %4 = llvm.sext %0 : i32 to i64
      %5 = llvm.mul %1, %2 : i32
      %6 = llvm.mul %5, %3 : i32
      %7 = llvm.getelementptr inbounds %out[%4] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, f32
      llvm.store %x, %7 : f32, !llvm.ptr<1>
      %8 = llvm.getelementptr %out[%6] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
      llvm.store %x, %8 : f32, !llvm.ptr<1>
      llvm.return
    }
  }
}

// -----

// Shared memory: offsets with gaps, alignment, and what the launch asks for.

// CHECK-LABEL: llvm.func internal @posenc_emulated_shared_kernel
// CHECK-SAME:      (%[[T:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr)
// CHECK:         %[[AT:.*]] = llvm.getelementptr %[[T]][56] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         %[[SHARED:.*]] = llvm.load %[[AT]] invariant : !llvm.ptr -> !llvm.ptr
// CHECK:         %[[DAT:.*]] = llvm.getelementptr %[[T]][64] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         %[[DYNAMIC:.*]] = llvm.load %[[DAT]] invariant : !llvm.ptr -> !llvm.ptr
// CHECK:         llvm.getelementptr %[[SHARED]][0] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.getelementptr %[[SHARED]][1152] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         %[[START:.*]] = llvm.getelementptr %[[DYNAMIC]][0] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK:         llvm.store %{{.*}}, %[[START]] : f32, !llvm.ptr
// CHECK:       llvm.mlir.global internal constant @posenc_emulated_shared.shared
// CHECK-SAME:    !llvm.array<2 x struct<(ptr, i64, i64)>>
// CHECK-DAG:     llvm.mlir.constant(40 : i64)
// CHECK-DAG:     llvm.mlir.constant(1152 : i64)
// CHECK-DAG:     llvm.mlir.constant(64 : i64)
// CHECK:       llvm.mlir.global internal constant @posenc_emulated_shared.module
gpu.module @shared [#nvvm.target<chip = "sm_80">] {
  llvm.mlir.global internal @a() {addr_space = 3 : i32, alignment = 4 : i64} : !llvm.array<10 x f32>
  llvm.mlir.global internal @b() {addr_space = 3 : i32, alignment = 128 : i64} : !llvm.array<16 x f32>
  llvm.mlir.global external @dynamic() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
  llvm.func @kernel() attributes {nvvm.kernel} {
    %0 = llvm.mlir.constant(1.0 : f32) : f32
    %1 = llvm.mlir.addressof @a : !llvm.ptr<3>
    llvm.store %0, %1 : f32, !llvm.ptr<3>
    %2 = llvm.mlir.addressof @b : !llvm.ptr<3>
    %3 = llvm.addrspacecast %2 : !llvm.ptr<3> to !llvm.ptr
    llvm.store %0, %3 : f32, !llvm.ptr
    %4 = llvm.mlir.addressof @dynamic : !llvm.ptr<3>
    llvm.store %0, %4 : f32, !llvm.ptr<3>
    llvm.return
  }
}

// -----

// An integer that is an address of shared memory is an offset, as on the device.

// CHECK-LABEL: llvm.func internal @posenc_emulated_offsets_kernel
// CHECK:         %[[BASE:.*]] = llvm.ptrtoint %{{.*}} : !llvm.ptr to i64
// CHECK:         %[[ADDRESS:.*]] = llvm.ptrtoint %{{.*}} : !llvm.ptr to i64
// CHECK:         %[[OFFSET:.*]] = llvm.sub %[[ADDRESS]], %[[BASE]] : i64
// CHECK:         %[[SHORT:.*]] = llvm.trunc %[[OFFSET]] : i64 to i32
// CHECK:         %[[WIDE:.*]] = llvm.zext %[[SHORT]] : i32 to i64
// CHECK:         llvm.getelementptr %{{.*}}[%[[WIDE]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
gpu.module @offsets [#nvvm.target<chip = "sm_80">] {
  llvm.mlir.global internal @a() {addr_space = 3 : i32} : !llvm.array<10 x i32>
  llvm.func @kernel() attributes {nvvm.kernel} {
    %0 = llvm.mlir.addressof @a : !llvm.ptr<3>
    %1 = llvm.ptrtoint %0 : !llvm.ptr<3> to i32
    %2 = llvm.inttoptr %1 : i32 to !llvm.ptr<3>
    llvm.store %1, %2 : i32, !llvm.ptr<3>
    llvm.return
  }
}

// -----

// Constants move along and are listed.

// CHECK:       llvm.mlir.global internal constant @posenc_emulated_constants_table(dense<[1, 2]> : tensor<2xi32>) {{.*}} : !llvm.array<2 x i32>
// CHECK-LABEL: llvm.func internal @posenc_emulated_constants_kernel
// CHECK:         llvm.mlir.addressof @posenc_emulated_constants_table : !llvm.ptr
// CHECK:       llvm.mlir.global internal constant @posenc_emulated_constants.constants
// CHECK:         llvm.mlir.addressof @posenc_emulated_constants_table
// CHECK:         llvm.mlir.constant(8 : i64)
gpu.module @constants [#rocdl.target<chip = "gfx1100">] {
  llvm.mlir.global private constant @table(dense<[1, 2]> : tensor<2xi32>) {addr_space = 4 : i32} : !llvm.array<2 x i32>
  llvm.func @kernel(%out: !llvm.ptr<1>) attributes {rocdl.kernel} {
    %0 = llvm.mlir.addressof @table : !llvm.ptr<4>
    %1 = llvm.load %0 : !llvm.ptr<4> -> i32
    llvm.store %1, %out : i32, !llvm.ptr<1>
    llvm.return
  }
}

// -----

// An instruction: operands and results in slots, attributes and types in its site.

// CHECK-LABEL: llvm.func internal @posenc_emulated_calls_kernel
// CHECK-SAME:      (%[[T:.*]]: !llvm.ptr,
// CHECK-DAG:     %[[FROM:.*]] = llvm.alloca %{{.*}} x i64 {alignment = 8 : i64}
// CHECK-DAG:     %[[TO:.*]] = llvm.alloca %{{.*}} x i64 {alignment = 8 : i64}
// CHECK-DAG:     %[[FOUR:.*]] = llvm.mlir.constant(4 : i32) : i32
// CHECK:         llvm.store %{{.*}}, %[[FROM]] : i32, !llvm.ptr
// CHECK:         %[[SLOT1:.*]] = llvm.getelementptr %[[FROM]][1] : (!llvm.ptr) -> !llvm.ptr, i64
// CHECK:         llvm.store %{{.*}}, %[[SLOT1]] : f32, !llvm.ptr
// CHECK:         llvm.call %[[CALL:.*]](%[[T]], %{{.*}}, %[[FROM]], %[[TO]], %{{.*}}, %{{.*}}) : !llvm.ptr, (!llvm.ptr, i32, !llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> ()
// CHECK:         llvm.load %[[TO]] : !llvm.ptr -> f32
// A predicate is a byte.
// CHECK:         %[[SLOT1R:.*]] = llvm.getelementptr %[[TO]][1]
// CHECK:         %[[BYTE:.*]] = llvm.load %[[SLOT1R]] : !llvm.ptr -> i8
// CHECK:         llvm.trunc %[[BYTE]] : i8 to i1
// CHECK:         llvm.call %[[CALL]](
// CHECK:       @posenc_emulated_calls.strings(
// CHECK-SAME:    nvvm.shfl.sync\00{{[^\\]*}}emulate.mlir:{{[0-9]+}}:10\00kind=#nvvm<shfl_kind bfly>;return_value_and_is_valid=unit\00i32,f32,i32,i32>f32,i1\00
// CHECK-SAME:    llvm.nvvm.ex2.approx.ftz.f32\00
// CHECK-SAME:    f32>f32\00
gpu.module @calls [#nvvm.target<chip = "sm_90a">] {
  llvm.func @kernel(%x: f32, %out: !llvm.ptr) attributes {nvvm.kernel} {
    %m = llvm.mlir.constant(-1 : i32) : i32
    %o = llvm.mlir.constant(1 : i32) : i32
    %0 = nvvm.shfl.sync bfly %m, %x, %o, %m {return_value_and_is_valid} : f32 -> !llvm.struct<(f32, i1)>
    %1 = llvm.extractvalue %0[0] : !llvm.struct<(f32, i1)>
    %2 = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%1) : (f32) -> f32
    llvm.store %2, %out : f32, !llvm.ptr
    llvm.return
  }
}

// -----

// Functions of the device have their thread too; hints for LLVM are gone.

// CHECK-LABEL: llvm.func internal @posenc_emulated_helpers_twice(%{{.*}}: !llvm.ptr, %{{.*}}: f32) -> f32 {
// CHECK:         llvm.fadd %{{.*}}, %{{.*}} {fastmathFlags = #llvm.fastmath<contract>} : f32
// CHECK-LABEL: llvm.func internal @posenc_emulated_helpers_kernel(
// CHECK-SAME:      %[[T:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr) {
// CHECK:         llvm.call @posenc_emulated_helpers_twice(%[[T]], %{{.*}}) : (!llvm.ptr, f32) -> f32
// CHECK-NOT:     llvm.intr.assume
// CHECK:         llvm.fence acq_rel
// CHECK:         llvm.return
// CHECK:         llvm.return
gpu.module @helpers [#rocdl.target<chip = "gfx942">] {
  llvm.func @twice(%x: f32) -> f32 {
    %0 = llvm.fadd %x, %x {fastmathFlags = #llvm.fastmath<nnan, ninf, contract>} : f32
    llvm.return %0 : f32
  }
  llvm.func @kernel(%x: f32, %c: i1, %out: !llvm.ptr<1>) attributes {rocdl.kernel} {
    %0 = llvm.call @twice(%x) : (f32) -> f32
    llvm.intr.assume %c : i1
    llvm.fence syncscope("workgroup") acq_rel
    llvm.store %0, %out : f32, !llvm.ptr<1>
    llvm.cond_br %c, ^a, ^b
  ^a:
    llvm.return
  ^b:
    llvm.unreachable
  }
}

// -----

// Waves: 64 lanes on gfx9, 32 elsewhere, or what the features say.

// CHECK:     llvm.mlir.global internal constant @posenc_emulated_wide.module
// CHECK:       llvm.mlir.constant(64 : i32)
// CHECK:     llvm.mlir.global internal constant @posenc_emulated_narrow.module
// CHECK:       llvm.mlir.constant(32 : i32)
// CHECK:     llvm.mlir.global internal constant @posenc_emulated_asked.module
// CHECK:       llvm.mlir.constant(64 : i32)
gpu.module @wide [#rocdl.target<chip = "gfx942">] {
}
gpu.module @narrow [#rocdl.target<chip = "gfx1100">] {
}
gpu.module @asked [#rocdl.target<chip = "gfx1100", features = "+wavefrontsize64">] {
}
