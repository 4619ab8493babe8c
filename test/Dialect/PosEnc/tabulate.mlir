// Functions of distances that are computed once per distance.
// RUN: posenc-opt %s --posenc-tabulate --canonicalize --cse | FileCheck %s
// RUN: posenc-opt %s --posenc-tabulate --remarks-filter-passed=posenc-tabulate 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: posenc-opt %s --posenc-tabulate --canonicalize --posenc-tabulate --canonicalize | FileCheck %s

// Dynamic lengths: Tq + Tk - 1 entries per head.
// CHECK-LABEL: func.func @kerple_log(
// CHECK:         %[[INIT:.+]] = tensor.empty(%{{.+}}) : tensor<4x?xf32>
// CHECK:         %[[TABLE:.+]] = linalg.generic {{.*}} outs(%[[INIT]] : tensor<4x?xf32>)
// CHECK:           math.log1p
// CHECK:         posenc.score_map
// CHECK-NEXT:      score(%[[S:.+]], %{{.+}}, %[[H:.+]], %[[M:.+]], %[[N:.+]]) {
// CHECK-NEXT:      %[[FIRST:.+]] = arith.subi %[[LAST:.+]], %[[M]] : index
// CHECK-NEXT:      %[[AT:.+]] = arith.addi %[[N]], %[[FIRST]] : index
// CHECK-NEXT:      %[[G:.+]] = tensor.extract %[[TABLE]][%[[H]], %[[AT]]] : tensor<4x?xf32>
// CHECK-NEXT:      %[[R:.+]] = arith.addf %[[S]], %[[G]] : f32
// CHECK-NEXT:      posenc.yield %[[R]] : f32
// REMARK: remark: [Passed] table | Category:posenc-tabulate | Function=kerple_log {{.*}}evaluated posenc.bias_fn once per difference of one coordinate into tensor<4x?xf32>
func.func @kerple_log(%init: tensor<1x4x?x?xf32>, %a: tensor<2x4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) log absolute : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// Without keys there is no distance, and what the region reads need not be there:
// the table is empty, not one of Tq - 1 entries.
// CHECK-LABEL: func.func @no_keys(
// CHECK-NOT:     tensor<4x2xf32>
// CHECK:         return
func.func @no_keys(%init: tensor<1x4x3x0xf32>, %a: tensor<2x4xf32>) -> tensor<1x4x3x0xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x3x0xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) log absolute : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x3x0xf32>
}

// CHECK-LABEL: func.func @perhaps_no_keys(
// CHECK:         %[[SUM:.+]] = arith.addi
// CHECK:         %[[FEWER:.+]] = arith.minsi
// CHECK:         %[[NONE:.+]] = arith.cmpi eq, %[[FEWER]], %c0
// CHECK:         %[[SIZE:.+]] = arith.select %[[NONE]], %c0{{.*}}, %[[SUM]] : index
// CHECK:         tensor.empty(%[[SIZE]]) : tensor<4x?xf32>
func.func @perhaps_no_keys(%init: tensor<1x4x?x?xf32>, %a: tensor<2x4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) log absolute : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// A factor, and static lengths.
// CHECK-LABEL: func.func @factor(
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<12xf32>)
// CHECK:         posenc.score_map
// CHECK:           tensor.extract %{{.+}} : tensor<12xf32>
// CHECK-NEXT:      arith.mulf
// CHECK-NEXT:      posenc.yield
func.func @factor(%init: tensor<1x4x5x8xf32>, %a: tensor<3xf32>, %o: index) -> tensor<1x4x5x8xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x5x8xf32>) offsets(q = %o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a at(%i, %j) exp_power absolute multiply : tensor<3xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x5x8xf32>
}

// By hand, as a part of a sum whose other part depends on the key.
// CHECK-LABEL: func.func @by_hand(
// CHECK:         %[[TABLE:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<2x?xf32>)
// CHECK:           math.exp
// CHECK:         posenc.score_map
// CHECK-NOT:       math.exp
// CHECK:           %[[KEY:.+]] = tensor.extract %arg1
// CHECK:           %[[G:.+]] = tensor.extract %[[TABLE]][%{{.+}}, %{{.+}}]
// CHECK:           arith.addf %[[G]], %[[KEY]]
func.func @by_hand(%init: tensor<2x4x?x?xf32>, %keys: tensor<2x?xf32>, %c: tensor<2xf32>) -> tensor<2x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<2x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %key = tensor.extract %keys[%b, %n] : tensor<2x?xf32>
    %d = arith.subi %m, %n : index
    %w = arith.index_cast %d : index to i64
    %f = arith.sitofp %w : i64 to f32
    %slope = tensor.extract %c[%b] : tensor<2xf32>
    %x = arith.mulf %f, %slope : f32
    %e = math.exp %x : f32
    %sum = arith.addf %e, %key : f32
    %1 = arith.addf %s, %sum : f32
    posenc.yield %1 : f32
  }
  return %r : tensor<2x4x?x?xf32>
}

// x-transformers' dynamic position bias, two hidden layers.
// CHECK-LABEL: func.func @dynamic_position_bias(
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<4x?xf32>)
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:         posenc.attention
// CHECK-NOT:       scf.for
// CHECK-NOT:       posenc.bias_mlp
// CHECK:         return
func.func @dynamic_position_bias(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %init: tensor<1x4x?x16xf32>, %w1: tensor<1x8xf32>, %b1: tensor<8xf32>, %w2: tensor<8x8xf32>, %b2: tensor<8xf32>, %w3: tensor<8x4xf32>, %b3: tensor<4xf32>) -> tensor<1x4x?x16xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %v : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) outs(%init : tensor<1x4x?x16xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %d = arith.subi %i, %j : index
    %w = arith.index_cast %d : index to i64
    %f = arith.sitofp %w : i64 to f32
    %1 = posenc.bias_mlp %s, (%f)[%h] layers(%w1, %b1, %w2, %b2, %w3, %b3) silu : tensor<1x8xf32>, tensor<8xf32>, tensor<8x8xf32>, tensor<8xf32>, tensor<8x4xf32>, tensor<4xf32>
    posenc.yield %1 : f32
  }
  return %o : tensor<1x4x?x16xf32>
}

// Swin-V2 on windows of 7 x 7: rows and columns, 13 differences each.
// CHECK-LABEL: func.func @swin_v2(
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<3x13x13xf32>)
// CHECK:           scf.for
// CHECK:         posenc.score_map
// CHECK-NOT:       scf.for
// CHECK:           tensor.extract %{{.+}}[%{{.+}}, %{{.+}}, %{{.+}}] : tensor<3x13x13xf32>
// REMARK: Function=swin_v2 {{.*}}evaluated posenc.bias_mlp once per difference of several coordinates into tensor<3x13x13xf32>
func.func @swin_v2(%init: tensor<1x3x49x49xf32>, %w1: tensor<2x16xf32>, %b1: tensor<16xf32>, %w2: tensor<16x3xf32>) -> tensor<1x3x49x49xf32> {
  %c7 = arith.constant 7 : index
  %r = posenc.score_map outs(%init : tensor<1x3x49x49xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %yq = arith.divui %i, %c7 : index
    %yk = arith.divui %j, %c7 : index
    %xq = arith.remui %i, %c7 : index
    %xk = arith.remui %j, %c7 : index
    %dy = arith.subi %yq, %yk : index
    %dx = arith.subi %xq, %xk : index
    %y64 = arith.index_cast %dy : index to i64
    %x64 = arith.index_cast %dx : index to i64
    %y = arith.sitofp %y64 : i64 to f32
    %x = arith.sitofp %x64 : i64 to f32
    %1 = posenc.bias_mlp %s, (%y, %x)[%h] layers(%w1, %b1, %w2) relu sigmoid(16.0) : tensor<2x16xf32>, tensor<16xf32>, tensor<16x3xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x3x49x49xf32>
}

// FIRE where every position is below the threshold: its normaliser is one number.
// CHECK-LABEL: func.func @fire_below_threshold(
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<4x639xf32>)
// CHECK:         posenc.score_map
// CHECK-NOT:       posenc.bias_mlp
// CHECK:         return
func.func @fire_below_threshold(%init: tensor<1x4x320x320xf32>, %c: f32, %w1: tensor<1x8xf32>, %w2: tensor<8x4xf32>) -> tensor<1x4x320x320xf32> {
  %limit = arith.constant 512 : index
  %r = posenc.score_map outs(%init : tensor<1x4x320x320xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %d = arith.subi %i, %j : index
    %a = math.absi %d : index
    %a64 = arith.index_cast %a : index to i64
    %fa = arith.sitofp %a64 : i64 to f32
    %ca = arith.mulf %fa, %c : f32
    %num = math.log1p %ca : f32
    %top = arith.maxsi %i, %limit : index
    %top64 = arith.index_cast %top : index to i64
    %ft = arith.sitofp %top64 : i64 to f32
    %ct = arith.mulf %ft, %c : f32
    %den = math.log1p %ct : f32
    %x = arith.divf %num, %den : f32
    %1 = posenc.bias_mlp %s, (%x)[%h] layers(%w1, %w2) relu : tensor<1x8xf32>, tensor<8x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x320x320xf32>
}

// Trap 12: beyond the threshold the normaliser depends on the query.
// CHECK-LABEL: func.func @negative_fire_trap12(
// CHECK-NOT:     linalg.generic
// CHECK:         posenc.bias_mlp
func.func @negative_fire_trap12(%init: tensor<1x4x?x?xf32>, %c: f32, %w1: tensor<1x8xf32>, %w2: tensor<8x4xf32>) -> tensor<1x4x?x?xf32> {
  %limit = arith.constant 512 : index
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %d = arith.subi %i, %j : index
    %a = math.absi %d : index
    %a64 = arith.index_cast %a : index to i64
    %fa = arith.sitofp %a64 : i64 to f32
    %ca = arith.mulf %fa, %c : f32
    %num = math.log1p %ca : f32
    %top = arith.maxsi %i, %limit : index
    %top64 = arith.index_cast %top : index to i64
    %ft = arith.sitofp %top64 : i64 to f32
    %ct = arith.mulf %ft, %c : f32
    %den = math.log1p %ct : f32
    %x = arith.divf %num, %den : f32
    %1 = posenc.bias_mlp %s, (%x)[%h] layers(%w1, %w2) relu : tensor<1x8xf32>, tensor<8x4xf32>
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// ALiBi, a table, slopes that are a function of the head: a load would cost as much.
// CHECK-LABEL: func.func @negative_cheap(
// CHECK-NOT:     linalg.generic
// CHECK:         return
func.func @negative_cheap(%init: tensor<1x4x?x?xf32>, %slopes: tensor<4xf32>, %t: tensor<17x4xf32>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : tensor<4xf32>, index
    %2 = posenc.bias_table %1, %t[%h] at(%i, %j) bucket <clip, q_minus_k, left = 8, right = 8> : tensor<17x4xf32>
    %h64 = arith.index_cast %h : index to i64
    %f = arith.sitofp %h64 : i64 to f32
    %slope = math.exp2 %f : f32
    %d = arith.subi %i, %j : index
    %d64 = arith.index_cast %d : index to i64
    %fd = arith.sitofp %d64 : i64 to f32
    %g = arith.mulf %slope, %fd : f32
    %3 = arith.addf %2, %g : f32
    %4 = posenc.mask %3 at(%i, %j) <causal>
    %5 = posenc.softcap %4 cap(30.0)
    posenc.yield %5 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// Positions that an operand gives: their distances are no distances of indices.
// CHECK-LABEL: func.func @negative_positions(
// CHECK-NOT:     linalg.generic
// CHECK:         posenc.bias_fn
func.func @negative_positions(%init: tensor<1x4x?x?xf32>, %a: tensor<2x4xf32>, %p: tensor<?xi64>) -> tensor<1x4x?x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) positions(q = %p, k = %p : tensor<?xi64>, tensor<?xi64>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) log absolute : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// Consecutive ones are.
// CHECK-LABEL: func.func @consecutive(
// CHECK:         linalg.generic
// CHECK-NOT:     posenc.bias_fn
// CHECK:         return
func.func @consecutive(%init: tensor<1x4x8x8xf32>, %a: tensor<2x4xf32>, %o: index) -> tensor<1x4x8x8xf32> {
  %p = posenc.positions offset(%o) : tensor<8xi64>
  %r = posenc.score_map outs(%init : tensor<1x4x8x8xf32>) positions(q = %p : tensor<8xi64>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) log absolute : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x8x8xf32>
}

// One query has no two scores of one distance.
// CHECK-LABEL: func.func @negative_one_query(
// CHECK-NOT:     linalg.generic
// CHECK:         posenc.bias_fn
func.func @negative_one_query(%init: tensor<1x4x1x?xf32>, %a: tensor<2x4xf32>, %o: index) -> tensor<1x4x1x?xf32> {
  %r = posenc.score_map outs(%init : tensor<1x4x1x?xf32>) offsets(q = %o) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_fn %s, %a[%h] at(%i, %j) log absolute : tensor<2x4xf32>, index
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x1x?xf32>
}

// Rows of one width and columns of another: no query and key have every pair of
// differences.
// CHECK-LABEL: func.func @negative_no_digits(
// CHECK-NOT:     linalg.generic
// CHECK:         math.exp
func.func @negative_no_digits(%init: tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32> {
  %c6 = arith.constant 6 : index
  %c9 = arith.constant 9 : index
  %r = posenc.score_map outs(%init : tensor<1x4x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %yq = arith.divui %m, %c9 : index
    %yk = arith.divui %n, %c9 : index
    %xq = arith.remui %m, %c6 : index
    %xk = arith.remui %n, %c6 : index
    %dy = arith.subi %yq, %yk : index
    %dx = arith.subi %xq, %xk : index
    %d = arith.muli %dy, %dx : index
    %d64 = arith.index_cast %d : index to i64
    %f = arith.sitofp %d64 : i64 to f32
    %e = math.exp %f : f32
    %1 = arith.addf %s, %e : f32
    posenc.yield %1 : f32
  }
  return %r : tensor<1x4x?x?xf32>
}

// Fewer than 8 queries do not have all differences of columns: a read at one of them could be out of bounds.
// CHECK-LABEL: func.func @negative_read_at_digits(
// CHECK-NOT: linalg.generic
// CHECK: posenc.score_map
// CHECK: math.exp
func.func @negative_read_at_digits(%init: tensor<1x1x?x?xf32>, %table: tensor<4xf32>) -> tensor<1x1x?x?xf32> {
  %0 = posenc.score_map outs(%init : tensor<1x1x?x?xf32>) score(%s, %b, %h, %m, %n) {
    %c8 = arith.constant 8 : index
    %xm = arith.remui %m, %c8 : index
    %xn = arith.remui %n, %c8 : index
    %d = arith.subi %xm, %xn : index
    %minus = arith.subi %xn, %xm : index
    %a = arith.maxsi %d, %minus : index
    %t = tensor.extract %table[%a] : tensor<4xf32>
    %e = math.exp %t : f32
    %r = arith.addf %s, %e : f32
    posenc.yield %r : f32
  }
  return %0 : tensor<1x1x?x?xf32>
}
