// RUN: posenc-opt %s --posenc-reencode="learned-to=alibi" --split-input-file | FileCheck %s --check-prefixes=CHECK,ALIBI
// RUN: posenc-opt %s --posenc-reencode="learned-to=t5 num-buckets=16 max-distance=64" --split-input-file | FileCheck %s --check-prefixes=CHECK,T5
// RUN: posenc-opt %s --posenc-reencode="learned-to=rope base=500000.0" --split-input-file | FileCheck %s --check-prefixes=CHECK,ROPE
// RUN: posenc-opt %s --posenc-reencode="learned-to=none" --split-input-file | FileCheck %s --check-prefix=CHECK
// RUN: posenc-opt %s --posenc-reencode="learned-to=none" --split-input-file -o /dev/null --remarks-filter=posenc-reencode 2>&1 | FileCheck %s --check-prefix=REMARK

#rows = affine_map<(b, t, d) -> (t, d)>
#all = affine_map<(b, t, d) -> (b, t, d)>
!x = tensor<2x?x32xf32>
!h = tensor<2x?x4x8xf32>

/// posenc.lookup by counted positions with an offset, which cancels, and its assertion; a sum that broadcasts.
// CHECK-LABEL: func.func @lookup(
// CHECK-SAME:    %[[X:.+]]: tensor<2x?x32xf32>, %[[I:[a-z0-9]+]]: tensor<2x?x32xf32>
// T5-SAME:       %[[T:[a-z0-9]+]]: tensor<16x4xf32>
// CHECK-NOT:     posenc.lookup
// CHECK-NOT:     linalg.generic
// CHECK:         tensor.expand_shape %[[X]]
// ALIBI:         %[[S:.+]] = posenc.alibi_slopes press scale -1.0{{.*}} : tensor<4xf32>
// ROPE-DAG:      %[[P:.+]] = posenc.positions size(%{{.+}}) : tensor<?xi64>
// ROPE-DAG:      %[[W:.+]] = posenc.inv_freq <default, dim = 8, base = 5.000000e+05> : tensor<4xf32>
// ROPE-DAG:      posenc.angles %[[P]] by(%[[W]]) : tensor<?xi64>, tensor<4xf32> -> tensor<?x4xf32>
// CHECK:         posenc.attention
// ROPE:            q_rows(%[[R:.+]], %[[B:.+]], %{{.+}}, %[[N:.+]]) {
// ROPE-NEXT:         posenc.rotate %[[R]] at(%[[B]], %[[N]]) by(%{{.+}}) half
// ROPE:            k_rows
// ROPE-NEXT:         posenc.rotate
// CHECK:           posenc.mask
// ALIBI-NEXT:      posenc.q_pos
// ALIBI-NEXT:      posenc.k_pos
// ALIBI-NEXT:      posenc.bias_fn %{{.+}}, %[[S]][%{{.+}}] at(%{{.+}}, %{{.+}}) linear absolute
// T5:              posenc.bias_table %{{.+}}, %[[T]][%{{.+}}] at(%{{.+}}, %{{.+}}) bucket <t5, k_minus_q, num_buckets = 16, max_distance = 64, bidirectional = false>
// CHECK:           posenc.yield
// REMARK: [Passed] reencode | Category:posenc-reencode | Function=lookup | Reason="attention gets none"
// REMARK: [Passed] reencode | Category:posenc-reencode | Function=lookup | Reason="the table of positions is gone: tensor<128x32xf32>"
func.func @lookup(%x: !x, %init: !x, %table: tensor<128x32xf32>) -> !h {
  %c1 = arith.constant 1 : index
  %two = arith.constant 2 : index
  %n = tensor.dim %x, %c1 : !x
  %p = posenc.positions size(%n) offset(%two) : tensor<?xi64>
  %e = posenc.lookup %table[%p] assert : tensor<128x32xf32>, tensor<?xi64> -> tensor<?x32xf32>
  %s = linalg.generic {indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %e : !x, tensor<?x32xf32>) outs(%init : !x) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %y = arith.addf %a, %b : f32
    linalg.yield %y : f32
  } -> !x
  %q = tensor.expand_shape %s [[0], [1], [2, 3]] output_shape [2, %n, 4, 8] : !x into !h
  %i = tensor.empty(%n) : !h
  %o = posenc.attention scale(0.25) ins(%q, %q, %q : !h, !h, !h) outs(%i : !h) dims(q = bthd, k = bthd, v = bthd, o = bthd) score(%sc, %b, %h, %m, %k) {
    %qi = posenc.q_pos : index
    %kj = posenc.k_pos : index
    %r = posenc.mask %sc at(%qi, %kj) <causal>
    posenc.yield %r : f32
  }
  return %o : !h
}

// -----

#row = affine_map<(b, t, d) -> (0, t, d)>
#all = affine_map<(b, t, d) -> (b, t, d)>
!x = tensor<2x?x32xf32>
!h = tensor<2x?x4x8xf32>

/// A gather by a buffer of counted positions that is as long as the table, on the left of the sum, and token types that are read
/// through the same buffer: 0 at every position. Without positions they do not end where the buffer ends. No score region, both
/// directions.
// CHECK-LABEL: func.func @buffer(
// CHECK-SAME:    %[[X:.+]]: tensor<2x?x32xf32>
// CHECK-NOT:     dense<[{{\[}}0, 1, 2
// CHECK-NOT:     cf.assert
// CHECK:         %[[TYPES:.+]] = linalg.generic
// CHECK:           %[[E:.+]] = tensor.extract %{{.+}}[%c0{{.*}}, %{{.+}}] : tensor<2x32xf32>
// CHECK-NEXT:      linalg.yield %[[E]]
// CHECK:         linalg.generic {{.*}} ins(%[[X]], %[[TYPES]] :
// CHECK:         posenc.attention
// T5:              bidirectional = true
func.func @buffer(%x: !x) -> !h {
  %ids = arith.constant dense<[[0, 1, 2, 3, 4, 5]]> : tensor<1x6xi64>
  %zeros = arith.constant dense<0> : tensor<1x6xi64>
  %table = arith.constant dense_resource<table> : tensor<6x32xf32>
  %types = arith.constant dense_resource<types> : tensor<2x32xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %n = tensor.dim %x, %c1 : !x
  %short = arith.minsi %n, %c6 : index
  %p = tensor.extract_slice %ids[0, 0] [1, %short] [1, 1] : tensor<1x6xi64> to tensor<1x?xi64>
  %ie = tensor.empty(%short) : tensor<1x?x32xf32>
  %e = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t)>, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%p : tensor<1x?xi64>) outs(%ie : tensor<1x?x32xf32>) {
  ^bb0(%a: i64, %out: f32):
    %row = arith.index_cast %a : i64 to index
    %inside = arith.cmpi slt, %row, %c6 : index
    cf.assert %inside, "index must be smaller than dim size"
    %d = linalg.index 2 : index
    %y = tensor.extract %table[%row, %d] : tensor<6x32xf32>
    linalg.yield %y : f32
  } -> tensor<1x?x32xf32>
  %it = tensor.empty(%n) : !x
  %t = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel"]} outs(%it : !x) {
  ^bb0(%out: f32):
    %m = linalg.index 1 : index
    %d = linalg.index 2 : index
    %at = tensor.extract %p[%c0, %m] : tensor<1x?xi64>
    %w = arith.index_cast %at : i64 to index
    %id = tensor.extract %zeros[%c0, %w] : tensor<1x6xi64>
    %row = arith.index_cast %id : i64 to index
    %y = tensor.extract %types[%row, %d] : tensor<2x32xf32>
    linalg.yield %y : f32
  } -> !x
  %with_types = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %t : !x, !x) outs(%it : !x) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %y = arith.addf %a, %b : f32
    linalg.yield %y : f32
  } -> !x
  %s = linalg.generic {indexing_maps = [#row, #all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%e, %with_types : tensor<1x?x32xf32>, !x) outs(%it : !x) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %y = arith.addf %b, %a : f32
    linalg.yield %y : f32
  } -> !x
  %q = tensor.expand_shape %s [[0], [1], [2, 3]] output_shape [2, %n, 4, 8] : !x into !h
  %i = tensor.empty(%n) : !h
  %o = posenc.attention scale(0.25) ins(%q, %q, %q : !h, !h, !h) outs(%i : !h) dims(q = bthd, k = bthd, v = bthd, o = bthd)
  return %o : !h
}

// -----

!x = tensor<2x8x32xf32>

/// A slice of a constant table; cross attention keeps what it has, as do the positions that attention is given.
// CHECK-LABEL: func.func @cross(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x4x8x8xf32>, %[[Y:[a-z0-9]+]]: tensor<2x4x5x8xf32>
// CHECK-NOT:     arith.addf
// ROPE:          posenc.angles %{{.+}} by(%{{.+}}) : tensor<2x8xi32>, tensor<4xf32> -> tensor<2x8x4xf32>
// CHECK:         %[[O:.+]] = posenc.attention {{.*}} ins(%[[X]], %[[X]], %[[X]] : {{.*}}) positions(
// ALIBI:           posenc.bias_fn
// T5:              posenc.bias_table
// ROPE:            posenc.rotate
// CHECK:         posenc.attention {{.*}} ins(%[[O]], %[[Y]], %[[Y]] :
// CHECK-NOT:       posenc.bias
// CHECK-NOT:       posenc.rotate
// REMARK: [Missed] reencode | Category:posenc-reencode | Function=cross | Reason="queries and keys are not the same tokens: stays as it is"
func.func @cross(%x: tensor<2x4x8x8xf32>, %y: tensor<2x4x5x8xf32>, %p: tensor<2x8xi32>) -> tensor<2x4x8x8xf32> {
  %table = arith.constant dense_resource<table> : tensor<1x1x16x8xf32>
  %rows = tensor.extract_slice %table[0, 0, 3, 0] [1, 1, 8, 8] [1, 1, 1, 1] : tensor<1x1x16x8xf32> to tensor<8x8xf32>
  %i = tensor.empty() : tensor<2x4x8x8xf32>
  %e = linalg.broadcast ins(%rows : tensor<8x8xf32>) outs(%i : tensor<2x4x8x8xf32>) dimensions = [0, 1]
  %s = arith.addf %x, %e : tensor<2x4x8x8xf32>
  %o = posenc.attention scale(0.25) ins(%s, %s, %s : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>) outs(%i : tensor<2x4x8x8xf32>) positions(q = %p, k = %p : tensor<2x8xi32>, tensor<2x8xi32>)
  %r = posenc.attention scale(0.25) ins(%o, %y, %y : tensor<2x4x8x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>) outs(%i : tensor<2x4x8x8xf32>)
  return %r : tensor<2x4x8x8xf32>
}
