// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Gathers from a table by position are posenc.lookup: learned absolute encodings.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// OPT's table, whose rows begin at 2.
// CHECK-LABEL: func.func @learned(
// CHECK-SAME:      {{.*}}, %[[T:[a-z0-9]*]]: tensor<16x8xf32>)
// CHECK:         posenc.lookup %[[T]][%{{.*}}] clamp : tensor<16x8xf32>, tensor<2x8xi64> -> tensor<2x8x8xf32>
// CHECK:         posenc.attention
func.func @learned(%x: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>, %table: tensor<16x8xf32>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x8xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %el = tensor.empty() : tensor<2x8x8xf32>
  %learned = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%el : tensor<2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %t = linalg.index 1 : index
    %d = linalg.index 2 : index
    %c2 = arith.constant 2 : index
    %p = arith.addi %t, %c2 : index
    %r = tensor.extract %table[%p, %d] : tensor<16x8xf32>
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %q = linalg.generic {indexing_maps = [#id, affine_map<(b, h, t, d) -> (b, t, d)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %learned : tensor<2x2x8x8xf32>, tensor<2x8x8xf32>) outs(%x : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %more: f32, %out: f32):
    %r = arith.addf %in, %more : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%s : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// What fails outside the table still does.
// CHECK-LABEL: func.func @checked(
// CHECK:         posenc.lookup %{{.*}}[%{{.*}}] assert :
// CHECK-NOT:     cf.assert
// CHECK:         posenc.attention
func.func @checked(%x: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>, %table: tensor<16x8xf32>, %at: tensor<i64>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x8xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %start0 = tensor.extract %at[] : tensor<i64>
  %start = arith.index_cast %start0 : i64 to index
  %el = tensor.empty() : tensor<2x8x8xf32>
  %learned = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%el : tensor<2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %t = linalg.index 1 : index
    %d = linalg.index 2 : index
    %p = arith.addi %t, %start : index
    %c16 = arith.constant 16 : index
    %c0 = arith.constant 0 : index
    %below = arith.cmpi slt, %p, %c16 : index
    cf.assert %below, "index must be smaller than dim size"
    %above = arith.cmpi sge, %p, %c0 : index
    cf.assert %above, "index must be larger or equal to 0"
    %r = tensor.extract %table[%p, %d] : tensor<16x8xf32>
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %q = linalg.generic {indexing_maps = [#id, affine_map<(b, h, t, d) -> (b, t, d)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %learned : tensor<2x2x8x8xf32>, tensor<2x8x8xf32>) outs(%x : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %more: f32, %out: f32):
    %r = arith.addf %in, %more : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%s : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// Words are looked up by content.
// CHECK-LABEL: func.func @negative_tokens(
// CHECK-NOT:     posenc.lookup
// CHECK:         posenc.attention
func.func @negative_tokens(%x: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>, %table: tensor<16x8xf32>, %ids: tensor<2x8xi64>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x8xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %el = tensor.empty() : tensor<2x8x8xf32>
  %learned = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%el : tensor<2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %t = linalg.index 1 : index
    %d = linalg.index 2 : index
    %token = tensor.extract %ids[%b, %t] : tensor<2x8xi64>
    %p = arith.index_cast %token : i64 to index
    %r = tensor.extract %table[%p, %d] : tensor<16x8xf32>
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %q = linalg.generic {indexing_maps = [#id, affine_map<(b, h, t, d) -> (b, t, d)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %learned : tensor<2x2x8x8xf32>, tensor<2x8x8xf32>) outs(%x : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %more: f32, %out: f32):
    %r = arith.addf %in, %more : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%s : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// An assertion of something else is nobody's to drop.
// CHECK-LABEL: func.func @negative_other_check(
// CHECK-NOT:     posenc.lookup
// CHECK:         cf.assert
// CHECK:         posenc.attention
func.func @negative_other_check(%x: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>, %table: tensor<16x8xf32>, %ids: tensor<2x8xi64>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x8xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %el = tensor.empty() : tensor<2x8x8xf32>
  %learned = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>], iterator_types = ["parallel", "parallel", "parallel"]} outs(%el : tensor<2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %t = linalg.index 1 : index
    %d = linalg.index 2 : index
    %p = arith.addi %t, %t : index
    %token = tensor.extract %ids[%b, %t] : tensor<2x8xi64>
    %c0i = arith.constant 0 : i64
    %even = arith.cmpi sge, %token, %c0i : i64
    cf.assert %even, "expected a token"
    %r = tensor.extract %table[%p, %d] : tensor<16x8xf32>
    linalg.yield %r : f32
  } -> tensor<2x8x8xf32>
  %q = linalg.generic {indexing_maps = [#id, affine_map<(b, h, t, d) -> (b, t, d)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %learned : tensor<2x2x8x8xf32>, tensor<2x8x8xf32>) outs(%x : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %more: f32, %out: f32):
    %r = arith.addf %in, %more : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%s : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}
