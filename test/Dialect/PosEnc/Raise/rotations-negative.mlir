// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s

/// What only looks like a rotation of rows stays code, or is one by other numbers.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// Twice the cosine is no rotation unless both coefficients say so: x C + y C is one
// with cos and sin both C, which is what it computes.
// CHECK-LABEL: func.func @negative_shear(
// CHECK-COUNT-2: posenc.rotate {{.*}} by(%{{.*}}, %{{.*}}) half
// CHECK:         posenc.attention
func.func @negative_shear(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
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
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c1 = arith.constant 1 : index
  %er = tensor.empty() : tensor<2x2x8x8xf32>
  %freq = arith.constant dense<[1.0, 0.7, 0.5, 0.1]> : tensor<4xf32>
  %rq = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%er : tensor<2x2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %d = linalg.index 3 : index
    %first = arith.cmpi slt, %d, %c4 : index
    %pair = arith.remsi %d, %c4 : index
    %up = arith.addi %d, %c4 : index
    %down = arith.subi %d, %c4 : index
    %other = arith.select %first, %up, %down : index
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %w = tensor.extract %freq[%pair] : tensor<4xf32>
    %phi = arith.mulf %mf, %w : f32
    %c = math.cos %phi : f32
    %sn = math.sin %phi : f32
    %x = tensor.extract %q[%b, %h, %m, %d] : tensor<2x2x8x8xf32>
    %y = tensor.extract %q[%b, %h, %m, %other] : tensor<2x2x8x8xf32>
    %minus = arith.negf %y : f32
    %swapped = arith.select %first, %minus, %y : f32
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %swapped, %c : f32
    %r = arith.addf %xc, %ys : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %rk = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%er : tensor<2x2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %d = linalg.index 3 : index
    %first = arith.cmpi slt, %d, %c4 : index
    %pair = arith.remsi %d, %c4 : index
    %up = arith.addi %d, %c4 : index
    %down = arith.subi %d, %c4 : index
    %other = arith.select %first, %up, %down : index
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %w = tensor.extract %freq[%pair] : tensor<4xf32>
    %phi = arith.mulf %mf, %w : f32
    %c = math.cos %phi : f32
    %sn = math.sin %phi : f32
    %x = tensor.extract %k[%b, %h, %m, %d] : tensor<2x2x8x8xf32>
    %y = tensor.extract %k[%b, %h, %m, %other] : tensor<2x2x8x8xf32>
    %minus = arith.negf %y : f32
    %swapped = arith.select %first, %minus, %y : f32
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %swapped, %c : f32
    %r = arith.addf %xc, %ys : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%rq, %rk : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
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
// Only one half is changed.
// CHECK-LABEL: func.func @negative_one_sided(
// CHECK-NOT:     posenc.rotate
// CHECK:         posenc.attention
func.func @negative_one_sided(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
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
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c1 = arith.constant 1 : index
  %er = tensor.empty() : tensor<2x2x8x8xf32>
  %freq = arith.constant dense<[1.0, 0.7, 0.5, 0.1]> : tensor<4xf32>
  %rq = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%er : tensor<2x2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %d = linalg.index 3 : index
    %first = arith.cmpi slt, %d, %c4 : index
    %pair = arith.remsi %d, %c4 : index
    %up = arith.addi %d, %c4 : index
    %down = arith.subi %d, %c4 : index
    %other = arith.select %first, %up, %down : index
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %w = tensor.extract %freq[%pair] : tensor<4xf32>
    %phi = arith.mulf %mf, %w : f32
    %c = math.cos %phi : f32
    %sn = math.sin %phi : f32
    %x = tensor.extract %q[%b, %h, %m, %d] : tensor<2x2x8x8xf32>
    %y = tensor.extract %q[%b, %h, %m, %other] : tensor<2x2x8x8xf32>
    %minus = arith.negf %y : f32
    %swapped = arith.select %first, %zero, %y : f32
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %swapped, %sn : f32
    %r = arith.addf %xc, %ys : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %rk = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%er : tensor<2x2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %d = linalg.index 3 : index
    %first = arith.cmpi slt, %d, %c4 : index
    %pair = arith.remsi %d, %c4 : index
    %up = arith.addi %d, %c4 : index
    %down = arith.subi %d, %c4 : index
    %other = arith.select %first, %up, %down : index
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %w = tensor.extract %freq[%pair] : tensor<4xf32>
    %phi = arith.mulf %mf, %w : f32
    %c = math.cos %phi : f32
    %sn = math.sin %phi : f32
    %x = tensor.extract %k[%b, %h, %m, %d] : tensor<2x2x8x8xf32>
    %y = tensor.extract %k[%b, %h, %m, %other] : tensor<2x2x8x8xf32>
    %minus = arith.negf %y : f32
    %swapped = arith.select %first, %zero, %y : f32
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %swapped, %sn : f32
    %r = arith.addf %xc, %ys : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%rq, %rk : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
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
// The angle is read from the rows.
// CHECK-LABEL: func.func @negative_by_content(
// CHECK-NOT:     posenc.rotate
// CHECK:         posenc.attention
func.func @negative_by_content(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
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
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c1 = arith.constant 1 : index
  %er = tensor.empty() : tensor<2x2x8x8xf32>
  %freq = arith.constant dense<[1.0, 0.7, 0.5, 0.1]> : tensor<4xf32>
  %rq = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%er : tensor<2x2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %d = linalg.index 3 : index
    %first = arith.cmpi slt, %d, %c4 : index
    %pair = arith.remsi %d, %c4 : index
    %up = arith.addi %d, %c4 : index
    %down = arith.subi %d, %c4 : index
    %other = arith.select %first, %up, %down : index
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %w = tensor.extract %freq[%pair] : tensor<4xf32>
    %gate = tensor.extract %q[%b, %h, %m, %c1] : tensor<2x2x8x8xf32>
    %phi = arith.mulf %gate, %w : f32
    %c = math.cos %phi : f32
    %sn = math.sin %phi : f32
    %x = tensor.extract %q[%b, %h, %m, %d] : tensor<2x2x8x8xf32>
    %y = tensor.extract %q[%b, %h, %m, %other] : tensor<2x2x8x8xf32>
    %minus = arith.negf %y : f32
    %swapped = arith.select %first, %minus, %y : f32
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %swapped, %sn : f32
    %r = arith.addf %xc, %ys : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %rk = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%er : tensor<2x2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %d = linalg.index 3 : index
    %first = arith.cmpi slt, %d, %c4 : index
    %pair = arith.remsi %d, %c4 : index
    %up = arith.addi %d, %c4 : index
    %down = arith.subi %d, %c4 : index
    %other = arith.select %first, %up, %down : index
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %w = tensor.extract %freq[%pair] : tensor<4xf32>
    %gate = tensor.extract %k[%b, %h, %m, %c1] : tensor<2x2x8x8xf32>
    %phi = arith.mulf %gate, %w : f32
    %c = math.cos %phi : f32
    %sn = math.sin %phi : f32
    %x = tensor.extract %k[%b, %h, %m, %d] : tensor<2x2x8x8xf32>
    %y = tensor.extract %k[%b, %h, %m, %other] : tensor<2x2x8x8xf32>
    %minus = arith.negf %y : f32
    %swapped = arith.select %first, %minus, %y : f32
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %swapped, %sn : f32
    %r = arith.addf %xc, %ys : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%rq, %rk : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
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
// Cosine and sine of different angles: given as they are.
// CHECK-LABEL: func.func @negative_other_angle(
// CHECK-NOT:     posenc.angles
// CHECK-COUNT-2: posenc.rotate {{.*}} by(%{{.*}}, %{{.*}}) half
// CHECK:         posenc.attention
func.func @negative_other_angle(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
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
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c1 = arith.constant 1 : index
  %er = tensor.empty() : tensor<2x2x8x8xf32>
  %freq = arith.constant dense<[1.0, 0.7, 0.5, 0.1]> : tensor<4xf32>
  %rq = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%er : tensor<2x2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %d = linalg.index 3 : index
    %first = arith.cmpi slt, %d, %c4 : index
    %pair = arith.remsi %d, %c4 : index
    %up = arith.addi %d, %c4 : index
    %down = arith.subi %d, %c4 : index
    %other = arith.select %first, %up, %down : index
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %w = tensor.extract %freq[%pair] : tensor<4xf32>
    %phi = arith.mulf %mf, %w : f32
    %c = math.cos %phi : f32
    %twice = arith.addf %phi, %phi : f32
    %sn = math.sin %twice : f32
    %x = tensor.extract %q[%b, %h, %m, %d] : tensor<2x2x8x8xf32>
    %y = tensor.extract %q[%b, %h, %m, %other] : tensor<2x2x8x8xf32>
    %minus = arith.negf %y : f32
    %swapped = arith.select %first, %minus, %y : f32
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %swapped, %sn : f32
    %r = arith.addf %xc, %ys : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %rk = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%er : tensor<2x2x8x8xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %d = linalg.index 3 : index
    %first = arith.cmpi slt, %d, %c4 : index
    %pair = arith.remsi %d, %c4 : index
    %up = arith.addi %d, %c4 : index
    %down = arith.subi %d, %c4 : index
    %other = arith.select %first, %up, %down : index
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %w = tensor.extract %freq[%pair] : tensor<4xf32>
    %phi = arith.mulf %mf, %w : f32
    %c = math.cos %phi : f32
    %twice = arith.addf %phi, %phi : f32
    %sn = math.sin %twice : f32
    %x = tensor.extract %k[%b, %h, %m, %d] : tensor<2x2x8x8xf32>
    %y = tensor.extract %k[%b, %h, %m, %other] : tensor<2x2x8x8xf32>
    %minus = arith.negf %y : f32
    %swapped = arith.select %first, %minus, %y : f32
    %xc = arith.mulf %x, %c : f32
    %ys = arith.mulf %swapped, %sn : f32
    %r = arith.addf %xc, %ys : f32
    linalg.yield %r : f32
  } -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%rq, %rk : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
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
