// RUN: posenc-opt %s | posenc-opt | FileCheck %s
// RUN: posenc-opt %s -mlir-print-op-generic | posenc-opt | FileCheck %s

/// Transforms of rows and what they read, with every optional part.

// CHECK-LABEL: func.func @rotate(
func.func @rotate(%x: tensor<2x8x?x64xbf16>, %t: tensor<?x16xf32>, %h: tensor<8x?x16xf32>, %bh: tensor<2x8x?x16xf32>,
                  %c: tensor<?x32xf32>, %m: f32, %p: tensor<16xf32>) {
  // CHECK: posenc.rotate %{{.+}} by(%{{.+}}) interleaved out half channel_offset 8 inverse : tensor<2x8x?x64xbf16>, tensor<?x16xf32>
  %0 = posenc.rotate %x by(%t) interleaved out half channel_offset 8 inverse : tensor<2x8x?x64xbf16>, tensor<?x16xf32>
  // CHECK: posenc.rotate %{{.+}} by(%{{.+}}) block_half = 4 trailing per_head : tensor<2x8x?x64xbf16>, tensor<8x?x16xf32>
  %1 = posenc.rotate %x by(%h) block_half = 4 trailing per_head : tensor<2x8x?x64xbf16>, tensor<8x?x16xf32>
  // CHECK: posenc.rotate %{{.+}} by(%{{.+}}) half = 2 out block_half per_head magnitude(%{{.+}} : tensor<16xf32>)
  %2 = posenc.rotate %x by(%bh) half = 2 out block_half per_head magnitude(%p : tensor<16xf32>) : tensor<2x8x?x64xbf16>, tensor<2x8x?x16xf32>
  // CHECK: posenc.rotate %{{.+}} by(%{{.+}}, %{{.+}}) interleaved per_channel rounded bf16 magnitude(%{{.+}} : f32)
  %3 = posenc.rotate %x by(%c, %c) interleaved per_channel rounded bf16 magnitude(%m : f32) : tensor<2x8x?x64xbf16>, tensor<?x32xf32>, tensor<?x32xf32>
  return
}

// CHECK-LABEL: func.func @rows(
func.func @rows(%q: tensor<2x8x?x64xf32>, %a: tensor<2x8x?x16xf32>, %h: tensor<8x?x16xf32>, %t: tensor<?x16xf32>,
                %f: tensor<8x?xf32>, %g: tensor<?x64xf32>) -> tensor<2x8x?x64xf32> {
  %r = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<2x8x?x64xf32>, tensor<2x8x?x64xf32>, tensor<2x8x?x64xf32>)
      outs(%q : tensor<2x8x?x64xf32>) q_rows(%row, %b, %hd, %i) {
    // CHECK: posenc.rotate %{{.+}} at(%{{.+}}, %{{.+}}, %{{.+}}) by(%{{.+}}) half magnitude(%{{.+}} : tensor<?x16xf32>) : !posenc.row, tensor<2x8x?x16xf32>
    %0 = posenc.rotate %row at(%b, %hd, %i) by(%a) half magnitude(%t : tensor<?x16xf32>) : !posenc.row, tensor<2x8x?x16xf32>
    // CHECK: posenc.rotate %{{.+}} at(%{{.+}}, %{{.+}}) by(%{{.+}}) interleaved : !posenc.row, tensor<8x?x16xf32>
    %1 = posenc.rotate %0 at(%hd, %i) by(%h) interleaved : !posenc.row, tensor<8x?x16xf32>
    // CHECK: posenc.rotate %{{.+}} at(%{{.+}}) by(%{{.+}}) half : !posenc.row, tensor<?x16xf32>
    %2 = posenc.rotate %1 at(%i) by(%t) half : !posenc.row, tensor<?x16xf32>
    // CHECK: posenc.row_scale %{{.+}} at(%{{.+}}, %{{.+}}) by(%{{.+}}) : !posenc.row, tensor<8x?xf32>
    %3 = posenc.row_scale %2 at(%hd, %i) by(%f) : !posenc.row, tensor<8x?xf32>
    // CHECK: posenc.row_scale %{{.+}} at(%{{.+}}) by(%{{.+}}) per_channel : !posenc.row, tensor<?x64xf32>
    %4 = posenc.row_scale %3 at(%i) by(%g) per_channel : !posenc.row, tensor<?x64xf32>
    posenc.yield %4 : !posenc.row
  }
  return %r : tensor<2x8x?x64xf32>
}

// CHECK-LABEL: func.func @row_scale(
func.func @row_scale(%x: tensor<2x?x8x64xf16>, %f: tensor<2x8x?xf32>) {
  // CHECK: posenc.row_scale %{{.+}} by(%{{.+}}) per_head dims<bthd> : tensor<2x?x8x64xf16>, tensor<2x8x?xf32>
  %0 = posenc.row_scale %x by(%f) per_head dims<bthd> : tensor<2x?x8x64xf16>, tensor<2x8x?xf32>
  return
}

// CHECK-LABEL: func.func @producers(
func.func @producers(%p: tensor<2x?xi64>, %c: index, %x: tensor<2x4x?x16xf32>, %w: tensor<2x4x8xf32>, %d: tensor<4x8xf32>) {
  // CHECK: posenc.temperature %{{.+}} llama4 alpha 2.500000e-01 length 8.192000e+03 : tensor<2x?xi64> -> tensor<2x?xf32>
  %0 = posenc.temperature %p llama4 alpha 0.25 length 8192.0 : tensor<2x?xi64> -> tensor<2x?xf32>
  // CHECK: posenc.temperature %{{.+}} logn length 5.120000e+02
  %1 = posenc.temperature %p logn length 512.0 : tensor<2x?xi64> -> tensor<2x?xf32>
  // CHECK: posenc.temperature %{{.+}} ministral length 5.120000e+02
  %ministral = posenc.temperature %p ministral length 512.0 : tensor<2x?xi64> -> tensor<2x?xf32>
  // CHECK: posenc.temperature %{{.+}} inkling length 5.120000e+02
  %inkling = posenc.temperature %p inkling length 512.0 : tensor<2x?xi64> -> tensor<2x?xf32>
  // CHECK: posenc.xpos_magnitude %{{.+}} center(%{{.+}}) inverse gamma 5.000000e-01 scale_base 2.560000e+02 : tensor<2x?xi64> -> tensor<2x?x8xf32>
  %2 = posenc.xpos_magnitude %p center(%c) inverse gamma 0.5 scale_base 256.0 : tensor<2x?xi64> -> tensor<2x?x8xf32>
  // CHECK: posenc.xpos_magnitude %{{.+}} : tensor<2x?xi64> -> tensor<2x?x8xf32>
  %3 = posenc.xpos_magnitude %p : tensor<2x?xi64> -> tensor<2x?x8xf32>
  // CHECK: posenc.angles %{{.+}} by(%{{.+}}) phase(%{{.+}}) per_head precise : tensor<2x?xi64>, tensor<2x4x8xf32>, tensor<4x8xf32> -> tensor<2x4x?x8xf32>
  %4 = posenc.angles %p by(%w) phase(%d) per_head precise : tensor<2x?xi64>, tensor<2x4x8xf32>, tensor<4x8xf32> -> tensor<2x4x?x8xf32>
  // CHECK: posenc.polar %{{.+}} by(%{{.+}}) phase(%{{.+}} : tensor<4x8xf32>) interleaved per_head : tensor<2x4x?x16xf32>, tensor<2x4x?x8xf32> -> tensor<2x4x?x24xf32>
  %5 = posenc.polar %x by(%4) phase(%d : tensor<4x8xf32>) interleaved per_head : tensor<2x4x?x16xf32>, tensor<2x4x?x8xf32> -> tensor<2x4x?x24xf32>
  return
}
