// RUN: posenc-opt %s --posenc-raise --split-input-file | FileCheck %s
// RUN: posenc-opt %s --posenc-raise --split-input-file 2>&1 >%t.ignored | FileCheck %s --check-prefix=WHY

/// A column or a summand more in the softmax's sum is a sink.

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-LABEL: func.func @column(
// CHECK-SAME:      {{.*}}%[[Z:[a-z0-9]*]]: tensor<2xf32>)
// CHECK:         posenc.attention {{.*}}sinks(%[[Z]] : tensor<2xf32>)
// CHECK-NOT:     math.exp
func.func @column(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>, %z: tensor<2xf32>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x9xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %ez = tensor.empty() : tensor<2x2x8x1xf32>
  %column = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%ez : tensor<2x2x8x1xf32>) {
  ^bb0(%out: f32):
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %y = tensor.extract %z[%h] : tensor<2xf32>
    linalg.yield %y : f32
  } -> tensor<2x2x8x1xf32>
  %x = tensor.concat dim(3) %s, %column : (tensor<2x2x8x8xf32>, tensor<2x2x8x1xf32>) -> tensor<2x2x8x9xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x8x9xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x8x9xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x9xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x9xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x9xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x9xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x9xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x9xf32>
  %p = tensor.extract_slice %pc[0, 0, 0, 0] [2, 2, 8, 8] [1, 1, 1, 1] : tensor<2x2x8x9xf32> to tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// WHY: expected a sink per head, but got one that depends on more
// CHECK-LABEL: func.func @negative_column_by_query(
// CHECK-NOT:     posenc.attention
func.func @negative_column_by_query(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>, %z: tensor<8xf32>) -> tensor<2x2x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %low = arith.constant -3.40282347E+38 : f32
  %es = tensor.empty() : tensor<2x2x8x8xf32>
  %ec = tensor.empty() : tensor<2x2x8x9xf32>
  %e3 = tensor.empty() : tensor<2x2x8xf32>
  %eo = tensor.empty() : tensor<2x2x8x8xf32>
  %zs = linalg.fill ins(%zero : f32) outs(%es : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %ez = tensor.empty() : tensor<2x2x8x1xf32>
  %column = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%ez : tensor<2x2x8x1xf32>) {
  ^bb0(%out: f32):
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %y = tensor.extract %z[%m] : tensor<8xf32>
    linalg.yield %y : f32
  } -> tensor<2x2x8x1xf32>
  %x = tensor.concat dim(3) %s, %column : (tensor<2x2x8x8xf32>, tensor<2x2x8x1xf32>) -> tensor<2x2x8x9xf32>
  %max = linalg.reduce { arith.maximumf } ins(%x : tensor<2x2x8x9xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%x, %max : tensor<2x2x8x9xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x9xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x9xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x9xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %sum : tensor<2x2x8x9xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x9xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x9xf32>
  %p = tensor.extract_slice %pc[0, 0, 0, 0] [2, 2, 8, 8] [1, 1, 1, 1] : tensor<2x2x8x9xf32> to tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%p, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}

// -----

#qk0 = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#qk1 = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#qk2 = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#row = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-LABEL: func.func @one_more(
// CHECK:         posenc.attention {{.*}}sinks(%{{.*}} : tensor<2xf32>)
// CHECK-NOT:     math.exp
func.func @one_more(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
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
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%s : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %divisor = linalg.generic {indexing_maps = [affine_map<(b, h, m) -> (b, h, m)>, affine_map<(b, h, m) -> (b, h, m)>, affine_map<(b, h, m) -> (b, h, m)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%sum, %max : tensor<2x2x8xf32>, tensor<2x2x8xf32>) outs(%e3 : tensor<2x2x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %h = linalg.index 1 : index
    %minus = arith.negf %top : f32
    %y = math.exp %minus : f32
    %more = arith.addf %in, %y : f32
    linalg.yield %more : f32
  } -> tensor<2x2x8xf32>
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %divisor : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
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
// CHECK-LABEL: func.func @logit(
// CHECK:         posenc.attention {{.*}}sinks(%{{.*}} : tensor<2xf32>)
// CHECK-NOT:     math.exp
func.func @logit(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>, %zs1: tensor<2xf32>) -> tensor<2x2x8x8xf32> {
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
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%s : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %divisor = linalg.generic {indexing_maps = [affine_map<(b, h, m) -> (b, h, m)>, affine_map<(b, h, m) -> (b, h, m)>, affine_map<(b, h, m) -> (b, h, m)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%sum, %max : tensor<2x2x8xf32>, tensor<2x2x8xf32>) outs(%e3 : tensor<2x2x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %h = linalg.index 1 : index
    %z = tensor.extract %zs1[%h] : tensor<2xf32>
    %minus = arith.subf %z, %top : f32
    %y = math.exp %minus : f32
    %more = arith.addf %in, %y : f32
    linalg.yield %more : f32
  } -> tensor<2x2x8xf32>
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %divisor : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
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
// A constant beside exponentials of what is below the row's maximum is no logit.
// WHY: expected what the softmax's sum has besides the keys to be an exponential
// CHECK-LABEL: func.func @negative_epsilon(
// CHECK-NOT:     posenc.attention
func.func @negative_epsilon(%q: tensor<2x2x8x8xf32>, %k: tensor<2x2x8x8xf32>, %v: tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32> {
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
  %s = linalg.contract indexing_maps = [#qk0, #qk1, #qk2] ins(%q, %k : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zs : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  %max = linalg.reduce { arith.maximumf } ins(%s : tensor<2x2x8x8xf32>) outs(%n3 : tensor<2x2x8xf32>) dimensions = [3]
  %e = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s, %max : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x2x8x8xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<2x2x8x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [3]
  %divisor = linalg.generic {indexing_maps = [affine_map<(b, h, m) -> (b, h, m)>, affine_map<(b, h, m) -> (b, h, m)>, affine_map<(b, h, m) -> (b, h, m)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%sum, %max : tensor<2x2x8xf32>, tensor<2x2x8xf32>) outs(%e3 : tensor<2x2x8xf32>) {
  ^bb0(%in: f32, %top: f32, %out: f32):
    %h = linalg.index 1 : index
    %y = arith.constant 1.0e-3 : f32
    %more = arith.addf %in, %y : f32
    linalg.yield %more : f32
  } -> tensor<2x2x8xf32>
  %pc = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%e, %divisor : tensor<2x2x8x8xf32>, tensor<2x2x8xf32>) outs(%ec : tensor<2x2x8x8xf32>) {
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  } -> tensor<2x2x8x8xf32>
  %o = linalg.contract indexing_maps = [#qk2, #qk1, #qk0] ins(%pc, %v : tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) outs(%zo : tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
  return %o : tensor<2x2x8x8xf32>
}
