// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{chip=x86-64-v4 block-m=32 block-n=64}))" --split-input-file %s | FileCheck %s
// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{chip=x86-64-v3}))" --split-input-file %s | FileCheck %s --check-prefix=AVX2
// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{chip=neoverse-n1}))" --split-input-file %s | FileCheck %s --check-prefix=NEON
// RUN: posenc-opt --pass-pipeline="builtin.module(func.func(posenc-attention-to-vector{vector-width=4}))" --split-input-file %s | FileCheck %s --check-prefix=WIDTH

// One allocation, whatever the lengths, freed at the end.
// CHECK-LABEL: func @plain
//   CHECK-NOT:   posenc.attention
//       CHECK:   memref.alloc({{.*}}) {alignment = 64 : i64, bufferization.manual_deallocation} : memref<{{.*}}xi8>
//   CHECK-NOT:   memref.alloc
// Keys and values, once for all queries: rows of keys are transposed in place.
//       CHECK:   scf.parallel (%{{.*}}, %{{.*}}, %{{.*}}) =
//       CHECK:     vector.maskedload %arg1
// CHECK-COUNT-64:  vector.shuffle
//       CHECK:     vector.maskedload %arg2
//   CHECK-NOT:   vector.gather
// Workers.
//       CHECK:   scf.parallel (%{{.*}}) =
//       CHECK:     vector.maskedload %arg0
//       CHECK:     arith.mulf %{{.*}}, %{{.*}} : vector<16xf32>
// Scores of eight rows by two vectors, and their maxima.
//       CHECK:     scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>
//       CHECK:       scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>
//  CHECK-COUNT-16:     math.fma
//       CHECK:         scf.yield
//       CHECK:       scf.if
//       CHECK:         vector.create_mask
//  CHECK-COUNT-8:  vector.reduction <maxnumf>
//   CHECK-NOT:     math.exp
// Values.
//       CHECK:     scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>
//  CHECK-COUNT-16:     math.fma
//       CHECK:       scf.yield
//       CHECK:     vector.reduction <add>
//       CHECK:     vector.maskedstore %arg3
//   CHECK-NOT:   memref.copy
//       CHECK:   memref.dealloc {{.*}} {bufferization.manual_deallocation}
//       CHECK:   return
//
// Twelve accumulators in sixteen registers.
//  AVX2-LABEL: func @plain
//        AVX2:   scf.parallel
//        AVX2:   scf.parallel
//        AVX2:   iter_args
//        AVX2:   iter_args
// AVX2-COUNT-12: math.fma {{.*}} vector<8xf32>
//    AVX2-NEXT:  scf.yield
//  NEON-LABEL: func @plain
//        NEON:   vector<4xf32>
// WIDTH-LABEL: func @plain
//       WIDTH:   vector<4xf32>
func.func @plain(%q: memref<2x8x100x64xf32>, %k: memref<2x2x?x64xf32>, %v: memref<2x2x?x64xf32>, %o: memref<2x8x100x64xf32>) {
  posenc.attention scale(0.125)
      ins(%q, %k, %v : memref<2x8x100x64xf32>, memref<2x2x?x64xf32>, memref<2x2x?x64xf32>)
      outs(%o : memref<2x8x100x64xf32>)
  return
}

// -----

// With one query nothing is packed: parts of the keys, read where they are, and
// one transposition for a vector of scores. Then the parts of a row.
// CHECK-LABEL: func @decode
//       CHECK:   memref.alloc
//   CHECK-NOT:   memref.alloc
//       CHECK:   scf.parallel (%{{.*}}, %{{.*}}) =
//       CHECK:     vector.maskedload %arg0
//       CHECK:   scf.parallel (%{{.*}}, %{{.*}}, %{{.*}}) =
// CHECK-COUNT-16:  vector.maskedload %arg1
// CHECK-COUNT-64:  vector.shuffle
//   CHECK-NOT:     vector.shuffle
//       CHECK:     vector.reduction <maxnumf>
//       CHECK:     vector.reduction <add>
//  CHECK-COUNT-4:  vector.maskedload %arg2
//       CHECK:   scf.parallel (%{{.*}}, %{{.*}}) =
//   CHECK-NOT:     vector.shuffle
//       CHECK:     vector.maskedstore %arg3
//       CHECK:   memref.dealloc
func.func @decode(%q: memref<2x8x1x64xf32>, %k: memref<2x2x?x64xf32>, %v: memref<2x2x?x64xf32>, %o: memref<2x8x1x64xf32>) {
  posenc.attention scale(0.125)
      ins(%q, %k, %v : memref<2x8x1x64xf32>, memref<2x2x?x64xf32>, memref<2x2x?x64xf32>)
      outs(%o : memref<2x8x1x64xf32>)
  return
}

// -----

// Where only the run knows how many queries there are, it chooses.
// CHECK-LABEL: func @few_or_many
//       CHECK:   %[[FEW:.*]] = arith.cmpi sle, %{{.*}}, %{{.*}} : index
//       CHECK:   scf.if %[[FEW]] {
//       CHECK:     memref.alloc
//       CHECK:     memref.dealloc
//       CHECK:   } else {
//       CHECK:     memref.alloc
//       CHECK:     memref.dealloc
func.func @few_or_many(%q: memref<2x8x?x64xf32>, %k: memref<2x2x?x64xf32>, %v: memref<2x2x?x64xf32>, %o: memref<2x8x?x64xf32>) {
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

// A table over distances is gathered once per head and distance; scores start
// from there, at any offset.
// CHECK-LABEL: func @table
//       CHECK:   scf.parallel
//       CHECK:   scf.parallel (%{{.*}}, %{{.*}}) =
//       CHECK:     arith.maxsi {{.*}} : vector<16xindex>
//       CHECK:     vector.gather %{{.*}}[%{{.*}}] [%{{.*}}], %{{.*}}, %{{.*}} : memref<?xf32, strided<[1], offset: ?>>
//       CHECK:   scf.parallel (%{{.*}}) =
//   CHECK-NOT:     vector.gather
// CHECK-COUNT-16:  vector.load %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] : memref<1x2x{{.*}}xf32>, vector<16xf32>
//   CHECK-NOT:     vector.gather
//       CHECK:   return
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

// Masked keys are no iterations: from m − 8 to m + 1. Only where a mask hides
// some scores of a tile they are compared.
// CHECK-LABEL: func @window
//   CHECK-DAG:   %[[OUT:.*]] = arith.constant 8 : index
//       CHECK:   scf.parallel (%{{.*}}) =
//       CHECK:     arith.maxsi
//       CHECK:     arith.remui
//       CHECK:     arith.minsi
//       CHECK:     scf.if
//       CHECK:       scf.if %{{.*}} -> (vector<16xf32>
//       CHECK:       } else {
// CHECK-COUNT-16:      arith.cmpf une
//       CHECK:   return
func.func @window(%q: memref<1x2x40x16xf32>, %k: memref<1x2x40x16xf32>, %v: memref<1x2x40x16xf32>, %o: memref<1x2x40x16xf32>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<1x2x40x16xf32>, memref<1x2x40x16xf32>, memref<1x2x40x16xf32>)
      outs(%o : memref<1x2x40x16xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.mask %s at(%i, %j) <window, left = 8, right = 1>
    posenc.yield %r : f32
  }
  return
}

// -----

// What is added by rows and columns of a window is computed once for a batch of
// several: a matrix per head.
// CHECK-LABEL: func @matrix
//       CHECK:   scf.parallel
//       CHECK:   scf.parallel (%{{.*}}, %{{.*}}, %{{.*}}) =
//       CHECK:     vector.gather
//       CHECK:     vector.store %{{.*}} : memref<1x2x16x32xf32>
//       CHECK:   scf.parallel (%{{.*}}) =
//   CHECK-NOT:     vector.gather
// CHECK-COUNT-16:  vector.load %{{.*}} : memref<1x2x16x32xf32>
//   CHECK-NOT:     vector.gather
//       CHECK:   return
func.func @matrix(%q: memref<8x2x16x16xf32>, %k: memref<8x2x16x16xf32>, %v: memref<8x2x16x16xf32>, %o: memref<8x2x16x16xf32>, %table: memref<49x2xf32>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<8x2x16x16xf32>, memref<8x2x16x16xf32>, memref<8x2x16x16xf32>)
      outs(%o : memref<8x2x16x16xf32>)
      score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %r = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <grid2d, q_minus_k, height = 4, width = 4> : memref<49x2xf32>
    posenc.yield %r : f32
  }
  return
}

// -----

// Positions that are operands are no indices: the region is evaluated per score,
// as they may be other ones in each batch.
// CHECK-LABEL: func @positions
//       CHECK:   scf.parallel (%{{.*}}) =
//       CHECK:     vector.gather
//       CHECK:   return
func.func @positions(%q: memref<8x2x16x16xf32>, %k: memref<8x2x16x16xf32>, %v: memref<8x2x16x16xf32>, %o: memref<8x2x16x16xf32>, %table: memref<17x2xf32>, %p: memref<8x16xi32>) {
  posenc.attention scale(0.25)
      ins(%q, %k, %v : memref<8x2x16x16xf32>, memref<8x2x16x16xf32>, memref<8x2x16x16xf32>)
      outs(%o : memref<8x2x16x16xf32>) positions(q = %p : memref<8x16xi32>)
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

// Rotation of the keys while packing: both elements of a pair, on lanes of channels.
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
