// RUN: posenc-opt %s --convert-posenc-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func @bottom_right(
// CHECK-SAME:    %[[N:.*]]: index)
// CHECK:         %[[OFF:.*]] = arith.subi %[[N]], %c7
// CHECK:         %[[I:.*]] = linalg.index 0
// CHECK:         arith.addi %[[I]], %[[OFF]]
func.func @bottom_right(%n: index) -> tensor<7xi64> {
  %p = posenc.positions bottom_right(%n) : tensor<7xi64>
  return %p : tensor<7xi64>
}

// CHECK-LABEL: func @mask_positions(
// CHECK-SAME:    %[[MASK:.*]]: tensor<2x?xi8>)
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK:         arith.cmpi sle
// CHECK:         linalg.generic
// CHECK:         arith.select %{{.*}}, %{{.*}}, %c1
// CHECK:         arith.index_cast %{{.*}} : index to i32
func.func @mask_positions(%mask: tensor<2x?xi8>) -> tensor<2x?xi32> {
  %p = posenc.mask_positions %mask offset 2 : tensor<2x?xi8> -> tensor<2x?xi32>
  return %p : tensor<2x?xi32>
}

// CHECK-LABEL: func @grid(
// CHECK-SAME:    %[[H:.*]]: index, %[[W:.*]]: index)
// CHECK:         %[[T:.*]] = arith.muli %[[H]], %[[W]]
// CHECK:         tensor.empty(%[[T]]) : tensor<2x?xf32>
// CHECK:         arith.divf
func.func @grid(%h: index, %w: index) -> tensor<2x?xf32> {
  %p = posenc.grid_positions sizes(%h, %w) centered : tensor<2x?xf32>
  return %p : tensor<2x?xf32>
}

// CHECK-LABEL: func @dynamic_ntk(
// CHECK-SAME:    %[[N:.*]]: index)
// CHECK:         arith.maxsi %[[N]], %c2048
// CHECK:         math.log2
// CHECK:         math.exp2
func.func @dynamic_ntk(%n: index) -> tensor<4xf32> {
  %w = posenc.inv_freq <dynamic_ntk, dim = 8, factor = 2.0, max_position = 2048> length(%n) : tensor<4xf32>
  return %w : tensor<4xf32>
}

// CHECK-LABEL: func @longrope(
// CHECK-SAME:    %[[N:.*]]: index)
// CHECK:         %[[LONG:.*]] = arith.cmpi sgt, %[[N]], %c8
// CHECK:         arith.select %[[LONG]]
func.func @longrope(%n: index) -> (tensor<2xf32>, f32) {
  %w, %m = posenc.inv_freq <longrope, dim = 4, factor = 2.0, original_length = 8, short = [1.0, 1.0], long = [1.0, 2.0]> length(%n) : tensor<2xf32>, f32
  return %w, %m : tensor<2xf32>, f32
}

// CHECK-LABEL: func @angles(
// CHECK-SAME:    %[[P:.*]]: tensor<?xi32>, %[[W:.*]]: tensor<?xf32>)
// CHECK:         tensor.empty(%{{.*}}, %{{.*}}) : tensor<?x?xf32>
// CHECK:         %[[X:.*]] = tensor.extract %[[P]]
// CHECK:         %[[F:.*]] = arith.sitofp %[[X]] : i32 to f32
// CHECK:         %[[V:.*]] = tensor.extract %[[W]]
// CHECK:         %[[A:.*]] = arith.mulf %[[F]], %[[V]]
// CHECK-NEXT:    linalg.yield %[[A]]
func.func @angles(%p: tensor<?xi32>, %w: tensor<?xf32>) -> tensor<?x?xf32> {
  %a = posenc.angles %p by(%w) : tensor<?xi32>, tensor<?xf32> -> tensor<?x?xf32>
  return %a : tensor<?x?xf32>
}

// CHECK-LABEL: func @angles_axes(
// CHECK:         %[[AXES:.*]] = arith.constant dense<[0, 1, 2, 0]> : tensor<4xindex>
// CHECK:         %[[AXIS:.*]] = tensor.extract %[[AXES]]
// CHECK:         tensor.extract %{{.*}}[%[[AXIS]], %{{.*}}, %{{.*}}] : tensor<3x2x?xindex>
func.func @angles_axes(%p: tensor<3x2x?xindex>, %w: tensor<4xf32>) -> tensor<2x?x4xf32> {
  %a = posenc.angles %p by(%w) axes <interleaved, [2, 1, 1]> : tensor<3x2x?xindex>, tensor<4xf32> -> tensor<2x?x4xf32>
  return %a : tensor<2x?x4xf32>
}

// CHECK-LABEL: func @angles_precise(
// CHECK:         %[[A:.*]] = arith.mulf
// CHECK:         %[[E:.*]] = math.fma
// CHECK:         math.fma %{{.*}}, %{{.*}}, %[[E]]
// CHECK:         math.roundeven
// CHECK:         %[[R:.*]] = math.fma %{{.*}}, %{{.*}}, %[[A]]
// CHECK:         arith.addf
func.func @angles_precise(%p: tensor<?xf32>, %w: tensor<2x4xf32>, %x: tensor<4xf32>) -> tensor<?x4xf32> {
  %a = posenc.angles %p by(%w) phase(%x) precise : tensor<?xf32>, tensor<2x4xf32>, tensor<4xf32> -> tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// CHECK-LABEL: func @sincos(
// CHECK-SAME:    %[[A:.*]]: tensor<?x?xf32>, %[[G:.*]]: f32)
// CHECK:         arith.muli %{{.*}}, %c2
// CHECK:         tensor.empty(%{{.*}}, %{{.*}}) : tensor<?x?xbf16>
// CHECK:         math.sin
// CHECK:         math.cos
// CHECK:         arith.mulf %{{.*}}, %[[G]]
// CHECK:         arith.truncf %{{.*}} : f32 to bf16
func.func @sincos(%a: tensor<?x?xf32>, %g: f32) -> tensor<?x?xbf16> {
  %e = posenc.sincos %a blocks = 2 scale(%g) : tensor<?x?xf32> -> tensor<?x?xbf16>
  return %e : tensor<?x?xbf16>
}
