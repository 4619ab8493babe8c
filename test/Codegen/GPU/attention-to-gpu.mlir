// RUN: posenc-opt %s -split-input-file --posenc-attention-to-gpu=chip=sm_80 -canonicalize -cse | FileCheck %s --check-prefixes=CHECK,NVIDIA
// RUN: posenc-opt %s -split-input-file --posenc-attention-to-gpu="chip=gfx942 engine=simt" -canonicalize -cse | FileCheck %s --check-prefixes=CHECK,AMD

// Operands first, then what regions capture; constants are cloned instead.

// CHECK: module attributes {gpu.container_module}
// CHECK: gpu.module @posenc_attention
// CHECK: gpu.func @posenc_attention(%{{.*}}: memref<2x4x?x64xf32>, %{{.*}}: memref<2x2x?x64xf32>, %{{.*}}: memref<2x2x?x32xf32>, %[[OFF:.*]]: index, %[[O:.*]]: memref<2x4x?x32xf32>, %[[LSE:.*]]: memref<2x4x?xf32>, %[[TABLE:.*]]: memref<32x4xf32>, %[[FACTOR:.*]]: f32)
// CHECK-SAME: workgroup(%{{.*}} : memref<4608xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %{{.*}} : memref<2048xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64})
// CHECK-SAME: kernel attributes {known_block_size = array<i32: 256, 1, 1>
// CHECK-SAME: posenc.kernel = {alignment = 16 : i64
// CHECK-SAME: arguments = ["q", "k", "v", "q_offset", "o", "lse", "capture0", "capture1"]
// CHECK-SAME: block = [256, 1, 1], engine = "simt"
// CHECK-SAME: grid = ["ceildiv(Tq, 64) * 4 * 2", "1", "1"]
// CHECK-SAME: shared_memory = 26624 : i64}
// One 128-bit load or four scalar ones, chosen by all threads alike.
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: scf.for
// CHECK: scf.for
// CHECK: scf.if
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : memref<2x4x?x64xf32>, vector<4xf32>
// CHECK: } else {
// CHECK: memref.load %{{.*}} : memref<2x4x?x64xf32>
// CHECK: gpu.barrier
// CHECK: llvm.intr.fma
// AMD-SAME: (vector<2xf32>, vector<2xf32>, vector<2xf32>) -> vector<2xf32>
// NVIDIA-SAME: (f32, f32, f32) -> f32
// CHECK: {llvm.loop_annotation = #[[NO_UNROLL:.*]]}
// CHECK: memref.load %[[TABLE]]
// CHECK: math.tanh
// NVIDIA: gpu.shuffle xor
// AMD: rocdl.update.dpp %{{.*}}, %{{.*}} with 296, 15, 15, true : f32
// NVIDIA: llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"
// AMD: llvm.call_intrinsic "llvm.amdgcn.exp2.f32"
// CHECK: math.log
// CHECK: memref.store %{{.*}}, %[[LSE]]
// CHECK: vector.store %{{.*}}, %[[O]]{{.*}} {alignment = 16 : i64}

// CHECK-LABEL: func.func @everything(
// CHECK-SAME: %[[Q:.*]]: memref<2x4x?x64xf32>
// CHECK: %[[DIM:.*]] = memref.dim %[[Q]]
// CHECK: %[[TILES:.*]] = arith.ceildivui %[[DIM]], %{{.*}} : index
// CHECK: %[[BLOCKS:.*]] = arith.muli
// CHECK: %[[SOME:.*]] = arith.cmpi sgt, %[[BLOCKS]]
// CHECK: scf.if %[[SOME]]
// CHECK: gpu.launch_func @posenc_attention::@posenc_attention blocks in (%{{.*}}, %{{.*}}, %{{.*}}) threads in (%c256, %{{.*}}, %{{.*}}) args(%[[Q]]
func.func @everything(%q: memref<2x4x?x64xf32>, %k: memref<2x2x?x64xf32>, %v: memref<2x2x?x32xf32>, %table: memref<32x4xf32>, %factor: f32, %off: index, %o: memref<2x4x?x32xf32>, %l: memref<2x4x?xf32>) {
  %one = arith.constant 1.0 : f32
  posenc.attention scale(0.5) ins(%q, %k, %v : memref<2x4x?x64xf32>, memref<2x2x?x64xf32>, memref<2x2x?x32xf32>) outs(%o, %l : memref<2x4x?x32xf32>, memref<2x4x?xf32>) offsets(q = %off)
    score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %1 = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, k_minus_q, left = 15, right = 16> : memref<32x4xf32>
      %2 = posenc.softcap %1 cap(5.0)
      %3 = arith.mulf %2, %factor : f32
      %4 = arith.addf %3, %one : f32
      posenc.yield %4 : f32
    }
  return
}

// -----

// Static shapes: no guard, no bounds of heads; few queries, so a smaller tile.

// CHECK: gpu.func @posenc_attention
// CHECK-SAME: workgroup(%{{.*}} : memref<2880xf32
// CHECK-SAME: grid = ["ceildiv(7, 16) * 8 * 3", "1", "1"]
// CHECK-LABEL: func.func @decode
// CHECK-NOT: scf.if
// CHECK: gpu.launch_func @posenc_attention::@posenc_attention blocks in (%c24, %c1, %c1)
func.func @decode(%q: memref<3x8x7x128xf16>, %k: memref<3x1x?x128xf16>, %v: memref<3x1x?x128xf16>, %o: memref<3x8x7x128xf16>) {
  posenc.attention scale(0.5) ins(%q, %k, %v : memref<3x8x7x128xf16>, memref<3x1x?x128xf16>, memref<3x1x?x128xf16>) outs(%o : memref<3x8x7x128xf16>)
  return
}

// -----

// A value head size that is known only at run time is checked on the host.

// CHECK-LABEL: func.func @dynamic_heads
// CHECK: %[[DV:.*]] = memref.dim %arg2, %c3
// CHECK: %[[FITS:.*]] = arith.cmpi slt, %[[DV]], %c257
// CHECK: cf.assert %[[FITS]], "posenc.attention: expected a value head size of at most 256"
// CHECK: gpu.launch_func
func.func @dynamic_heads(%q: memref<?x?x?x?xf16>, %k: memref<?x?x?x?xf16>, %v: memref<?x?x?x?xf16>, %o: memref<?x?x?x?xf16>) {
  posenc.attention scale(0.5) ins(%q, %k, %v : memref<?x?x?x?xf16>, memref<?x?x?x?xf16>, memref<?x?x?x?xf16>) outs(%o : memref<?x?x?x?xf16>)
  return
}

// -----

// Two kernels, two modules; equal attention shares one. No queries: nothing to
// launch.

// CHECK: gpu.module @posenc_attention_0
// CHECK: gpu.func @posenc_attention_0(
// CHECK: gpu.module @posenc_attention
// CHECK-LABEL: func.func @two
// CHECK: gpu.launch_func @posenc_attention::@posenc_attention
// CHECK: gpu.launch_func @posenc_attention_0::@posenc_attention_0
// CHECK: gpu.launch_func @posenc_attention::@posenc_attention
// CHECK-NOT: gpu.launch_func
func.func @two(%q: memref<1x1x8x8xf32>, %k: memref<1x1x9x8xf32>, %o: memref<1x1x8x8xf32>, %none: memref<1x1x0x8xf32>) {
  posenc.attention scale(0.5) ins(%q, %k, %k : memref<1x1x8x8xf32>, memref<1x1x9x8xf32>, memref<1x1x9x8xf32>) outs(%o : memref<1x1x8x8xf32>)
  posenc.attention scale(0.25) ins(%q, %k, %k : memref<1x1x8x8xf32>, memref<1x1x9x8xf32>, memref<1x1x9x8xf32>) outs(%o : memref<1x1x8x8xf32>)
  posenc.attention scale(0.5) ins(%q, %k, %k : memref<1x1x8x8xf32>, memref<1x1x9x8xf32>, memref<1x1x9x8xf32>) outs(%o : memref<1x1x8x8xf32>)
  posenc.attention scale(0.25) ins(%none, %k, %k : memref<1x1x0x8xf32>, memref<1x1x9x8xf32>, memref<1x1x9x8xf32>) outs(%none : memref<1x1x0x8xf32>)
  return
}

// -----

// The masks that end the region bound the loop over keys:
// n < m0 + 63 + 1 and n >= m0 - 100, rounded down to a tile.

// CHECK: gpu.func @posenc_attention
// CHECK: %[[M0:.*]] = arith.muli %{{.*}}, %c64 : index
// CHECK: %[[END0:.*]] = arith.addi %[[M0]], %c64
// CHECK: %[[END1:.*]] = arith.minsi %[[END0]], %c1000
// CHECK: %[[END:.*]] = arith.maxsi %[[END1]], %c0
// CHECK: %[[BEGIN0:.*]] = arith.addi %[[M0]], %c-100
// CHECK: %[[BEGIN1:.*]] = arith.maxsi %[[BEGIN0]], %c0
// CHECK: %[[BEGIN2:.*]] = arith.divui %[[BEGIN1]], %c64
// CHECK: %[[BEGIN:.*]] = arith.muli %[[BEGIN2]], %c64
// CHECK: scf.for %{{.*}} = %[[BEGIN]] to %[[END]] step %c64
func.func @window(%q: memref<1x1x1000x8xf32>, %k: memref<1x1x1000x8xf32>, %o: memref<1x1x1000x8xf32>) {
  posenc.attention scale(0.5) ins(%q, %k, %k : memref<1x1x1000x8xf32>, memref<1x1x1000x8xf32>, memref<1x1x1000x8xf32>) outs(%o : memref<1x1x1000x8xf32>)
    score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %1 = posenc.mask %s at(%i, %j) <causal>
      %2 = posenc.mask %1 at(%i, %j) <window, left = 100, right = 5>
      posenc.yield %2 : f32
    }
  return
}

// -----

// Something follows the mask and could undo it: all keys are visited.

// CHECK: gpu.func @posenc_attention
// CHECK: scf.for %{{.*}} = %c0 to %c1000 step %c64
func.func @negative_capped_mask(%q: memref<1x1x1000x8xf32>, %k: memref<1x1x1000x8xf32>, %o: memref<1x1x1000x8xf32>) {
  posenc.attention scale(0.5) ins(%q, %k, %k : memref<1x1x1000x8xf32>, memref<1x1x1000x8xf32>, memref<1x1x1000x8xf32>) outs(%o : memref<1x1x1000x8xf32>)
    score(%s, %b, %h, %m, %n) {
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %1 = posenc.mask %s at(%i, %j) <causal>
      %2 = posenc.softcap %1 cap(5.0)
      posenc.yield %2 : f32
    }
  return
}

// -----

// A region that loads by index gets indices inside; channels that are not
// adjacent, or rows that 16 bytes do not divide, are loaded one by one.

// CHECK: gpu.func @posenc_attention(%[[Q:.*]]: memref<1x1x8x6xf32>, %[[K:.*]]: memref<1x1x9x6xf32, strided<[108, 108, 12, 2]>>, %[[O:.*]]: memref<1x1x8x6xf32>, %[[BIAS:.*]]: memref<8x9xf32>)
// CHECK-NOT: vector.load {{.*}} memref<1x1
// CHECK: arith.cmpi slt, %{{.*}}, %c9 : index
// CHECK: %[[M_IN:.*]] = arith.cmpi slt, %[[M:.*]], %c8 : index
// CHECK-NEXT: %[[M0:.*]] = arith.select %[[M_IN]], %[[M]], %c0 : index
// CHECK-NEXT: %[[N0:.*]] = arith.select %{{.*}}, %{{.*}}, %c0 : index
// CHECK: memref.load %[[BIAS]][%[[M0]], %[[N0]]]
func.func @negative_vector_loads(%q: memref<1x1x8x6xf32>, %k: memref<1x1x9x6xf32, strided<[108, 108, 12, 2]>>, %bias: memref<8x9xf32>, %o: memref<1x1x8x6xf32>) {
  posenc.attention scale(0.5) ins(%q, %k, %k : memref<1x1x8x6xf32>, memref<1x1x9x6xf32, strided<[108, 108, 12, 2]>>, memref<1x1x9x6xf32, strided<[108, 108, 12, 2]>>) outs(%o : memref<1x1x8x6xf32>)
    score(%s, %b, %h, %m, %n) {
      %1 = memref.load %bias[%m, %n] : memref<8x9xf32>
      %2 = arith.addf %s, %1 : f32
      posenc.yield %2 : f32
    }
  return
}
