// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{chip=x86-64-v4 block-m=32 block-n=64}))" --split-input-file %s | FileCheck %s
// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{chip=x86-64-v3}))" --split-input-file %s | FileCheck %s --check-prefix=AVX2
// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{chip=neoverse-n1}))" --split-input-file %s | FileCheck %s --check-prefix=NEON
// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{vector-width=4}))" --split-input-file %s | FileCheck %s --check-prefix=WIDTH

// Scratch is of one block of queries and one of keys, whatever the lengths.
// CHECK-LABEL: func @plain
//       CHECK:   scf.parallel (%{{.*}}, %{{.*}}, %{{.*}}) =
//   CHECK-NOT:     posenc.attention
//       CHECK:     memref.alloc() {alignment = 64 : i64, bufferization.manual_deallocation} : memref<32x64xf32>
//       CHECK:     memref.alloc() {{.*}} : memref<2x64x32xf32>
//       CHECK:     memref.alloc() {{.*}} : memref<2x64x32xf32>
//       CHECK:     memref.alloc() {{.*}} : memref<32x64xf32>
//       CHECK:     memref.alloc() {{.*}} : memref<32x64xf32>
//       CHECK:     memref.alloc() {{.*}} : memref<32xf32>
//       CHECK:     memref.alloc() {{.*}} : memref<32xf32>
//   CHECK-NOT:     memref.alloc
// Queries with scale · log2 e, along the channels.
//       CHECK:     vector.maskedload %arg0
//       CHECK:     arith.mulf %{{.*}}, %{{.*}} : vector<16xf32>
// Keys across, values along.
//       CHECK:     scf.for
//       CHECK:       vector.gather
//       CHECK:       scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>
//  CHECK-COUNT-16:     math.fma
//       CHECK:       vector.create_mask
//   CHECK-NOT:       math.exp
//       CHECK:       vector.reduction <maxnumf>
//       CHECK:       vector.reduction <add>
//       CHECK:       vector.maskedload %arg2
//       CHECK:       math.fma
//       CHECK:     vector.maskedstore %arg3
//   CHECK-NOT:     memref.copy
// CHECK-COUNT-7:   memref.dealloc {{.*}} {bufferization.manual_deallocation}
//
// Twelve accumulators in sixteen registers.
//  AVX2-LABEL: func @plain
//        AVX2:   iter_args
// AVX2-COUNT-12: math.fma {{.*}} vector<8xf32>
//    AVX2-NEXT:  scf.yield
//  NEON-LABEL: func @plain
//        NEON:   vector<4xf32>
// WIDTH-LABEL: func @plain
//       WIDTH:   vector<4xf32>
func.func @plain(%q: memref<2x8x?x64xf32>, %k: memref<2x2x?x64xf32>, %v: memref<2x2x?x64xf32>, %o: memref<2x8x?x64xf32>) {
  posenc.attention scale(0.125)
      ins(%q, %k, %v : memref<2x8x?x64xf32>, memref<2x2x?x64xf32>, memref<2x2x?x64xf32>)
      outs(%o : memref<2x8x?x64xf32>)
  return
}

// -----

// 16-bit operands are widened while packing, and the output narrowed.
// CHECK-LABEL: func @bf16
//       CHECK:   arith.extf %{{.*}} : vector<16xbf16> to vector<16xf32>
//       CHECK:   arith.truncf %{{.*}} : vector<16xf32> to vector<16xbf16>
func.func @bf16(%q: memref<1x2x40x16xbf16>, %k: memref<1x2x40x16xbf16>, %v: memref<1x2x40x16xbf16>, %o: memref<1x2x40x16xbf16>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<1x2x40x16xbf16>, memref<1x2x40x16xbf16>, memref<1x2x40x16xbf16>)
      outs(%o : memref<1x2x40x16xbf16>)
  return
}

// -----

// A dense bias is a contiguous load, masked at the end of the keys; what does
// not depend on the key is read once per row.
// CHECK-LABEL: func @dense_bias
//       CHECK:   %[[HEAD:.*]] = memref.load %arg5[%{{.*}}]
//       CHECK:   scf.for {{.*}} -> (vector<16xf32>)
//       CHECK:     %[[BIAS:.*]] = vector.maskedload %arg4[%{{.*}}, %{{.*}}], %[[MASK:.*]], %{{.*}} : memref<40x40xf32>
//       CHECK:     %[[WIDE:.*]] = vector.broadcast %[[HEAD]]
//       CHECK:     arith.mulf %[[BIAS]], %[[WIDE]] : vector<16xf32>
//       CHECK:     arith.select %[[MASK]]
func.func @dense_bias(%q: memref<1x2x40x16xf32>, %k: memref<1x2x40x16xf32>, %v: memref<1x2x40x16xf32>, %o: memref<1x2x40x16xf32>, %bias: memref<40x40xf32>, %heads: memref<2xf32>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<1x2x40x16xf32>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%o : memref<1x2x40x16xf32>)
      score(%s, %b, %h, %m, %n) {
    %x = memref.load %bias[%m, %n] : memref<40x40xf32>
    %y = memref.load %heads[%h] : memref<2xf32>
    %z = arith.mulf %x, %y : f32
    %r = arith.addf %s, %z : f32
    posenc.yield %r : f32
  }
  return
}

// -----

// A table over distances is a masked gather.
// CHECK-LABEL: func @table
//       CHECK:   arith.maxsi {{.*}} : vector<16xindex>
//       CHECK:   vector.gather %{{.*}}[%{{.*}}] [%{{.*}}], %{{.*}}, %{{.*}} : memref<?xf32, strided<[1], offset: ?>>
func.func @table(%q: memref<1x2x40x16xf32>, %k: memref<1x2x40x16xf32>, %v: memref<1x2x40x16xf32>, %o: memref<1x2x40x16xf32>, %table: memref<17x2xf32>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<1x2x40x16xf32>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%o : memref<1x2x40x16xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : memref<17x2xf32>
    posenc.yield %r : f32
  }
  return
}

// -----

// Booleans are bytes in memory: one load per lane that is on. The divisor of a
// lane that is off is replaced, it could be 0.
// CHECK-LABEL: func @lane_by_lane
//       CHECK:   %[[SAFE:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : vector<16xi1>, vector<16xindex>
//       CHECK:   arith.divsi %{{.*}}, %[[SAFE]]
// CHECK-COUNT-16: scf.if
func.func @lane_by_lane(%q: memref<1x2x40x16xf32>, %k: memref<1x2x40x16xf32>, %v: memref<1x2x40x16xf32>, %o: memref<1x2x40x16xf32>, %mask: memref<41xi1>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<1x2x40x16xf32>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%o : memref<1x2x40x16xf32>)
      score(%s, %b, %h, %m, %n) {
    %c40 = arith.constant 40 : index
    %rest = arith.subi %c40, %n : index
    %at = arith.divsi %c40, %rest : index
    %visible = memref.load %mask[%at] : memref<41xi1>
    %hidden = arith.constant 0xFF800000 : f32
    %r = arith.select %visible, %s, %hidden : f32
    posenc.yield %r : f32
  }
  return
}

// -----

// tanh is a polynomial; other functions stay for libm.
// CHECK-LABEL: func @softcap
//   CHECK-NOT:   math.tanh
//       CHECK:   math.sin %{{.*}} : vector<16xf32>
//   CHECK-NOT:   math.tanh
//   CHECK-NOT:   math.log
//       CHECK:   return
func.func @softcap(%q: memref<1x2x40x16xf32>, %k: memref<1x2x40x16xf32>, %v: memref<1x2x40x16xf32>, %o: memref<1x2x40x16xf32>, %lse: memref<1x2x40xf32>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<1x2x40x16xf32>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%o, %lse : memref<1x2x40x16xf32>, memref<1x2x40xf32>)
      score(%s, %b, %h, %m, %n) {
    %x = math.sin %s : f32
    %r = posenc.softcap %x cap(5.0)
    posenc.yield %r : f32
  }
  return
}

// -----

// An output whose channels are not contiguous is scattered.
// CHECK-LABEL: func @strided_output
//   CHECK-NOT:   memref.copy
//       CHECK:   vector.scatter
func.func @strided_output(%q: memref<1x2x40x16xf32>, %k: memref<1x2x40x16xf32>, %v: memref<1x2x40x16xf32>, %o: memref<1x2x16x40xf32>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<1x2x40x16xf32>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%o : memref<1x2x16x40xf32>) dims(o = bhdt)
  return
}

// -----

// Rotation of the keys while packing: both elements of a pair, on lanes of keys.
// CHECK-LABEL: func @rotated_keys
//       CHECK:   math.cos %{{.*}} : vector<16xf32>
func.func @rotated_keys(%q: memref<1x2x40x16xf32>, %k: memref<1x2x40x16xf32>, %v: memref<1x2x40x16xf32>, %o: memref<1x2x40x16xf32>, %angles: memref<40x8xf32>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<1x2x40x16xf32>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%o : memref<1x2x40x16xf32>)
      k_rows(%row, %b, %h, %t) {
    %y = posenc.rotate %row at(%b, %t) by(%angles) half : !posenc.row, memref<40x8xf32>
    posenc.yield %y : !posenc.row
  }
  return
}
