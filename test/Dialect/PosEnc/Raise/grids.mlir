// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// Look-ups are compared with the maps of grids at every pair of positions.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-LABEL: func.func @buffer(
// CHECK:         posenc.bias_table {{.*}} bucket <grid2d, q_minus_k, height = 4, width = 4> : tensor<49x2xf32>
func.func @buffer(%q: tensor<2x2x16x8xf32>, %k: tensor<2x2x16x8xf32>, %v: tensor<2x2x16x8xf32>, %table: tensor<49x2xf32>) -> tensor<2x2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x16x16xf32>
  %ec = tensor.empty() : tensor<2x2x16x16xf32>
  %e3 = tensor.empty() : tensor<2x2x16xf32>
  %eo = tensor.empty() : tensor<2x2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x16x16xf32>) -> tensor<2x2x16x16xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x16x8xf32>) -> tensor<2x2x16x8xf32>
  %index = arith.constant dense<[[24, 23, 22, 21, 17, 16, 15, 14, 10, 9, 8, 7, 3, 2, 1, 0], [25, 24, 23, 22, 18, 17, 16, 15, 11, 10, 9, 8, 4, 3, 2, 1], [26, 25, 24, 23, 19, 18, 17, 16, 12, 11, 10, 9, 5, 4, 3, 2], [27, 26, 25, 24, 20, 19, 18, 17, 13, 12, 11, 10, 6, 5, 4, 3], [31, 30, 29, 28, 24, 23, 22, 21, 17, 16, 15, 14, 10, 9, 8, 7], [32, 31, 30, 29, 25, 24, 23, 22, 18, 17, 16, 15, 11, 10, 9, 8], [33, 32, 31, 30, 26, 25, 24, 23, 19, 18, 17, 16, 12, 11, 10, 9], [34, 33, 32, 31, 27, 26, 25, 24, 20, 19, 18, 17, 13, 12, 11, 10], [38, 37, 36, 35, 31, 30, 29, 28, 24, 23, 22, 21, 17, 16, 15, 14], [39, 38, 37, 36, 32, 31, 30, 29, 25, 24, 23, 22, 18, 17, 16, 15], [40, 39, 38, 37, 33, 32, 31, 30, 26, 25, 24, 23, 19, 18, 17, 16], [41, 40, 39, 38, 34, 33, 32, 31, 27, 26, 25, 24, 20, 19, 18, 17], [45, 44, 43, 42, 38, 37, 36, 35, 31, 30, 29, 28, 24, 23, 22, 21], [46, 45, 44, 43, 39, 38, 37, 36, 32, 31, 30, 29, 25, 24, 23, 22], [47, 46, 45, 44, 40, 39, 38, 37, 33, 32, 31, 30, 26, 25, 24, 23], [48, 47, 46, 45, 41, 40, 39, 38, 34, 33, 32, 31, 27, 26, 25, 24]]> : tensor<16x16xi64>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x16x8xf32>, tensor<2x2x16x8xf32>) outs(%zs : tensor<2x2x16x16xf32>) -> tensor<2x2x16x16xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x2x16x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %at = tensor.extract %index[%m, %n] : tensor<16x16xi64>
    %i = arith.index_cast %at : i64 to index
    %t = tensor.extract %table[%i, %h] : tensor<49x2xf32>
    %r = arith.addf %in, %t : f32
    linalg.yield %r : f32
  } -> tensor<2x2x16x16xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x16x16xf32>) outs(%n3 : tensor<2x2x16xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x16x16xf32>, tensor<2x2x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x16x16xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x16x16xf32>) outs(%z3 : tensor<2x2x16xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x16x16xf32>, tensor<2x2x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x16x16xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x16x16xf32>, tensor<2x2x16x8xf32>) outs(%zo : tensor<2x2x16x8xf32>) -> tensor<2x2x16x8xf32>
  return %o : tensor<2x2x16x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// One pair reads another row.
// CHECK-LABEL: func.func @negative_one_cell(
// CHECK-NOT:     posenc.bias_table
// CHECK:         tensor.extract %{{.*}} : tensor<49x2xf32>
func.func @negative_one_cell(%q: tensor<2x2x16x8xf32>, %k: tensor<2x2x16x8xf32>, %v: tensor<2x2x16x8xf32>, %table: tensor<49x2xf32>) -> tensor<2x2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x16x16xf32>
  %ec = tensor.empty() : tensor<2x2x16x16xf32>
  %e3 = tensor.empty() : tensor<2x2x16xf32>
  %eo = tensor.empty() : tensor<2x2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x16x16xf32>) -> tensor<2x2x16x16xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x16x8xf32>) -> tensor<2x2x16x8xf32>
  %index = arith.constant dense<[[24, 23, 22, 21, 17, 16, 15, 14, 10, 9, 8, 7, 3, 2, 1, 0], [25, 24, 23, 22, 18, 17, 16, 15, 11, 10, 9, 8, 4, 3, 2, 1], [26, 25, 24, 23, 19, 18, 17, 16, 12, 11, 10, 9, 5, 4, 3, 2], [27, 26, 25, 24, 20, 19, 18, 17, 13, 12, 11, 10, 6, 5, 4, 3], [31, 30, 29, 28, 24, 23, 22, 21, 17, 16, 15, 14, 10, 9, 8, 7], [32, 31, 30, 29, 25, 24, 23, 22, 18, 18, 16, 15, 11, 10, 9, 8], [33, 32, 31, 30, 26, 25, 24, 23, 19, 18, 17, 16, 12, 11, 10, 9], [34, 33, 32, 31, 27, 26, 25, 24, 20, 19, 18, 17, 13, 12, 11, 10], [38, 37, 36, 35, 31, 30, 29, 28, 24, 23, 22, 21, 17, 16, 15, 14], [39, 38, 37, 36, 32, 31, 30, 29, 25, 24, 23, 22, 18, 17, 16, 15], [40, 39, 38, 37, 33, 32, 31, 30, 26, 25, 24, 23, 19, 18, 17, 16], [41, 40, 39, 38, 34, 33, 32, 31, 27, 26, 25, 24, 20, 19, 18, 17], [45, 44, 43, 42, 38, 37, 36, 35, 31, 30, 29, 28, 24, 23, 22, 21], [46, 45, 44, 43, 39, 38, 37, 36, 32, 31, 30, 29, 25, 24, 23, 22], [47, 46, 45, 44, 40, 39, 38, 37, 33, 32, 31, 30, 26, 25, 24, 23], [48, 47, 46, 45, 41, 40, 39, 38, 34, 33, 32, 31, 27, 26, 25, 24]]> : tensor<16x16xi64>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x16x8xf32>, tensor<2x2x16x8xf32>) outs(%zs : tensor<2x2x16x16xf32>) -> tensor<2x2x16x16xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x2x16x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %at = tensor.extract %index[%m, %n] : tensor<16x16xi64>
    %i = arith.index_cast %at : i64 to index
    %t = tensor.extract %table[%i, %h] : tensor<49x2xf32>
    %r = arith.addf %in, %t : f32
    linalg.yield %r : f32
  } -> tensor<2x2x16x16xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x16x16xf32>) outs(%n3 : tensor<2x2x16xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x16x16xf32>, tensor<2x2x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x16x16xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x16x16xf32>) outs(%z3 : tensor<2x2x16xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x16x16xf32>, tensor<2x2x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x16x16xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x16x16xf32>, tensor<2x2x16x8xf32>) outs(%zo : tensor<2x2x16x8xf32>) -> tensor<2x2x16x8xf32>
  return %o : tensor<2x2x16x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// Heads first, and no buffer.
// CHECK-LABEL: func.func @absolute(
// CHECK:         posenc.bias_table {{.*}} bucket <abs_grid, height = 4, width = 4> : tensor<16x2xf32>
func.func @absolute(%q: tensor<2x2x16x8xf32>, %k: tensor<2x2x16x8xf32>, %v: tensor<2x2x16x8xf32>, %table: tensor<2x16xf32>) -> tensor<2x2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x16x16xf32>
  %ec = tensor.empty() : tensor<2x2x16x16xf32>
  %e3 = tensor.empty() : tensor<2x2x16xf32>
  %eo = tensor.empty() : tensor<2x2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x16x16xf32>) -> tensor<2x2x16x16xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x16x8xf32>) -> tensor<2x2x16x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x16x8xf32>, tensor<2x2x16x8xf32>) outs(%zs : tensor<2x2x16x16xf32>) -> tensor<2x2x16x16xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x2x16x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %c4 = arith.constant 4 : index
    %ym = arith.divui %m, %c4 : index
    %yn = arith.divui %n, %c4 : index
    %xm = arith.remui %m, %c4 : index
    %xn = arith.remui %n, %c4 : index
    %y0 = arith.subi %ym, %yn : index
    %x0 = arith.subi %xm, %xn : index
    %y = math.absi %y0 : index
    %x1 = math.absi %x0 : index
    %y4 = arith.muli %y, %c4 : index
    %i = arith.addi %y4, %x1 : index
    %t = tensor.extract %table[%h, %i] : tensor<2x16xf32>
    %r = arith.addf %in, %t : f32
    linalg.yield %r : f32
  } -> tensor<2x2x16x16xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x16x16xf32>) outs(%n3 : tensor<2x2x16xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x16x16xf32>, tensor<2x2x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x16x16xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x16x16xf32>) outs(%z3 : tensor<2x2x16xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x16x16xf32>, tensor<2x2x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x16x16xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x16x16xf32>, tensor<2x2x16x8xf32>) outs(%zo : tensor<2x2x16x8xf32>) -> tensor<2x2x16x8xf32>
  return %o : tensor<2x2x16x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// Swin V2: 16 sigmoid of what is looked up is computed once per row of the table.
// CHECK-LABEL: func.func @mapped(
// CHECK:         %[[T:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<49x2xf32>) outs(%{{.*}} : tensor<49x2xf32>)
// CHECK:         posenc.attention
// CHECK:         posenc.bias_table %{{.*}}, %[[T]][%{{.*}}] {{.*}} bucket <grid2d, q_minus_k, height = 4, width = 4> : tensor<49x2xf32>
// CHECK-NOT:     math.exp
func.func @mapped(%q: tensor<2x2x16x8xf32>, %k: tensor<2x2x16x8xf32>, %v: tensor<2x2x16x8xf32>, %table: tensor<49x2xf32>) -> tensor<2x2x16x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x16x16xf32>
  %ec = tensor.empty() : tensor<2x2x16x16xf32>
  %e3 = tensor.empty() : tensor<2x2x16xf32>
  %eo = tensor.empty() : tensor<2x2x16x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x16x16xf32>) -> tensor<2x2x16x16xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x16xf32>) -> tensor<2x2x16xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x16x8xf32>) -> tensor<2x2x16x8xf32>
  %index = arith.constant dense<[[24, 23, 22, 21, 17, 16, 15, 14, 10, 9, 8, 7, 3, 2, 1, 0], [25, 24, 23, 22, 18, 17, 16, 15, 11, 10, 9, 8, 4, 3, 2, 1], [26, 25, 24, 23, 19, 18, 17, 16, 12, 11, 10, 9, 5, 4, 3, 2], [27, 26, 25, 24, 20, 19, 18, 17, 13, 12, 11, 10, 6, 5, 4, 3], [31, 30, 29, 28, 24, 23, 22, 21, 17, 16, 15, 14, 10, 9, 8, 7], [32, 31, 30, 29, 25, 24, 23, 22, 18, 17, 16, 15, 11, 10, 9, 8], [33, 32, 31, 30, 26, 25, 24, 23, 19, 18, 17, 16, 12, 11, 10, 9], [34, 33, 32, 31, 27, 26, 25, 24, 20, 19, 18, 17, 13, 12, 11, 10], [38, 37, 36, 35, 31, 30, 29, 28, 24, 23, 22, 21, 17, 16, 15, 14], [39, 38, 37, 36, 32, 31, 30, 29, 25, 24, 23, 22, 18, 17, 16, 15], [40, 39, 38, 37, 33, 32, 31, 30, 26, 25, 24, 23, 19, 18, 17, 16], [41, 40, 39, 38, 34, 33, 32, 31, 27, 26, 25, 24, 20, 19, 18, 17], [45, 44, 43, 42, 38, 37, 36, 35, 31, 30, 29, 28, 24, 23, 22, 21], [46, 45, 44, 43, 39, 38, 37, 36, 32, 31, 30, 29, 25, 24, 23, 22], [47, 46, 45, 44, 40, 39, 38, 37, 33, 32, 31, 30, 26, 25, 24, 23], [48, 47, 46, 45, 41, 40, 39, 38, 34, 33, 32, 31, 27, 26, 25, 24]]> : tensor<16x16xi64>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x16x8xf32>, tensor<2x2x16x8xf32>) outs(%zs : tensor<2x2x16x16xf32>) -> tensor<2x2x16x16xf32>
  %x = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x2x16x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
    %at = tensor.extract %index[%m, %n] : tensor<16x16xi64>
    %i = arith.index_cast %at : i64 to index
    %raw = tensor.extract %table[%i, %h] : tensor<49x2xf32>
    %sixteen = arith.constant 16.0 : f32
    %minus = arith.negf %raw : f32
    %ex = math.exp %minus : f32
    %den = arith.addf %ex, %one : f32
    %sig = arith.divf %one, %den : f32
    %t = arith.mulf %sig, %sixteen : f32
    %r = arith.addf %in, %t : f32
    linalg.yield %r : f32
  } -> tensor<2x2x16x16xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x16x16xf32>) outs(%n3 : tensor<2x2x16xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x16x16xf32>, tensor<2x2x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x16x16xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x16x16xf32>) outs(%z3 : tensor<2x2x16xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x16x16xf32>, tensor<2x2x16xf32>) outs(%ec : tensor<2x2x16x16xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x16x16xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x16x16xf32>, tensor<2x2x16x8xf32>) outs(%zo : tensor<2x2x16x8xf32>) -> tensor<2x2x16x8xf32>
  return %o : tensor<2x2x16x8xf32>
}
