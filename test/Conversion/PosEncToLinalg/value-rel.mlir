// RUN: posenc-opt %s --convert-posenc-to-linalg | FileCheck %s
// RUN: posenc-opt %s --convert-posenc-to-linalg=keep-attention --remarks-filter=posenc-decompose 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

/// After Σ P · v: Σ P · t[row], the same loops, 0 where the pair has no row.
// CHECK-LABEL: func.func @per_head(
// CHECK-SAME:    %[[T:[a-z0-9]+]]: tensor<9x4x8xbf16>
// CHECK:         arith.divf
// CHECK:         %[[SUM:.+]] = linalg.generic {{.+}} iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]
// CHECK:         linalg.generic {{.+}} iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]{{.+}} outs(%[[SUM]] :
// CHECK:           %[[E:.+]] = tensor.extract %[[T]][%{{.+}}, %{{.+}}, %{{.+}}]
// CHECK:           %[[X:.+]] = arith.extf %[[E]]
// CHECK:           arith.select %{{.+}}, %[[X]], %{{.+}} : f32
// REMARK: no kernel computes rows that value_rel adds to values
func.func @per_head(%q: tensor<2x4x5x8xbf16>, %t: tensor<9x4x8xbf16>, %init: tensor<2x4x5x8xbf16>) -> tensor<2x4x5x8xbf16> {
  %0 = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x4x5x8xbf16>, tensor<2x4x5x8xbf16>, tensor<2x4x5x8xbf16>) outs(%init : tensor<2x4x5x8xbf16>) value_rel(%t : tensor<9x4x8xbf16>) bucket <identity, q_minus_k, extent = 9>
  return %0 : tensor<2x4x5x8xbf16>
}
