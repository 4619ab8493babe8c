// What posenc-raise missed is printed unless the user says otherwise.
// RUN: posenc-opt %s --posenc-raise 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: posenc-opt %s --pass-pipeline='builtin.module(posenc-raise)' 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: posenc-opt %s --posenc-raise --posenc-quiet 2>&1 | FileCheck %s --check-prefix=QUIET
// RUN: posenc-opt %s --posenc-raise --remarks-filter-missed=other 2>&1 | FileCheck %s --check-prefix=QUIET
// RUN: posenc-opt %s --posenc-raise --remarks-filter=posenc-.* 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: posenc-opt %s --posenc-raise --remarks-filter-missed=posenc-.* --remark-format=yaml --remarks-output-file=%t.yaml
// RUN: FileCheck %s --check-prefix=YAML < %t.yaml
// RUN: posenc-opt %s 2>&1 | FileCheck %s --check-prefix=QUIET

// REMARK: opt-remarks.mlir:[[#]]:[[#]]: remark: [Missed] attention | Category:posenc-raise
// REMARK-SAME: expected the scores to contain one product of queries and keys
// QUIET-NOT: remark
// YAML: --- !Missed
// YAML: Pass: {{.*}}posenc-raise

#row = affine_map<(b, m, n) -> (b, m)>
#all = affine_map<(b, m, n) -> (b, m, n)>
func.func @softmax_of_raw_numbers(%s: tensor<8x40x40xf32>, %v: tensor<8x40x16xf32>) -> tensor<8x40x16xf32> {
  %zero = arith.constant 0.0 : f32
  %low = arith.constant 0xFF800000 : f32
  %e = tensor.empty() : tensor<8x40x40xf32>
  %r = tensor.empty() : tensor<8x40xf32>
  %i = tensor.empty() : tensor<8x40x16xf32>
  %lows = linalg.fill ins(%low : f32) outs(%r : tensor<8x40xf32>) -> tensor<8x40xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%r : tensor<8x40xf32>) -> tensor<8x40xf32>
  %max = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%s : tensor<8x40x40xf32>) outs(%lows : tensor<8x40xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = arith.maximumf %x, %y : f32
    linalg.yield %0 : f32
  } -> tensor<8x40xf32>
  %exp = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %max : tensor<8x40x40xf32>, tensor<8x40xf32>) outs(%e : tensor<8x40x40xf32>) {
  ^bb0(%x: f32, %m: f32, %y: f32):
    %0 = arith.subf %x, %m : f32
    %1 = math.exp %0 : f32
    linalg.yield %1 : f32
  } -> tensor<8x40x40xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%exp : tensor<8x40x40xf32>) outs(%zeros : tensor<8x40xf32>) {
  ^bb0(%x: f32, %y: f32):
    %0 = arith.addf %x, %y : f32
    linalg.yield %0 : f32
  } -> tensor<8x40xf32>
  %p = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%exp, %sum : tensor<8x40x40xf32>, tensor<8x40xf32>) outs(%e : tensor<8x40x40xf32>) {
  ^bb0(%x: f32, %m: f32, %y: f32):
    %0 = arith.divf %x, %m : f32
    linalg.yield %0 : f32
  } -> tensor<8x40x40xf32>
  %start = linalg.fill ins(%zero : f32) outs(%i : tensor<8x40x16xf32>) -> tensor<8x40x16xf32>
  %o = linalg.batch_matmul ins(%p, %v : tensor<8x40x40xf32>, tensor<8x40x16xf32>)
      outs(%start : tensor<8x40x16xf32>) -> tensor<8x40x16xf32>
  return %o : tensor<8x40x16xf32>
}
