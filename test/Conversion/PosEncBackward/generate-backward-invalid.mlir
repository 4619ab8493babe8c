// RUN: posenc-opt %s --posenc-generate-backward -split-input-file -verify-diagnostics

func.func @op_without_derivative(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x4x8xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
      score(%s, %b, %h, %m, %n) {
    %one = arith.constant 1.0 : f32
    // expected-error @below {{'scf.while' op has no derivative}}
    %r = scf.while (%x = %s) : (f32) -> f32 {
      %go = arith.cmpf ogt, %x, %one : f32
      scf.condition(%go) %x : f32
    } do {
    ^bb0(%x: f32):
      %less = arith.subf %x, %one : f32
      scf.yield %less : f32
    }
    posenc.yield %r : f32
  }
  return %o : tensor<1x2x4x8xf32>
}

// -----

func.func @tensor_in_region(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x4x8xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
      score(%s, %b, %h, %m, %n) {
    %t = tensor.from_elements %s, %s : tensor<2xf32>
    // expected-error @below {{'tensor.extract' op has no derivative}}
    %r = tensor.extract %t[%h] : tensor<2xf32>
    posenc.yield %r : f32
  }
  return %o : tensor<1x2x4x8xf32>
}

// -----

func.func @tensor_carried(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x4x8xf32>, %t: tensor<4xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
      score(%s, %b, %h, %m, %n) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    // expected-error @below {{expected scalars but got 'tensor<4xf32>', whose derivative is not known}}
    %r:2 = scf.for %i = %c0 to %c4 step %c1 iter_args(%x = %s, %u = %t) -> (f32, tensor<4xf32>) {
      %e = tensor.extract %u[%i] : tensor<4xf32>
      %y = arith.addf %x, %e : f32
      %w = tensor.insert %y into %u[%i] : tensor<4xf32>
      scf.yield %y, %w : f32, tensor<4xf32>
    }
    posenc.yield %r#0 : f32
  }
  return %o : tensor<1x2x4x8xf32>
}

// -----

func.func @bits(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x4x8xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
      score(%s, %b, %h, %m, %n) {
    // expected-error @below {{expected a value without a gradient but got one with}}
    %i = arith.bitcast %s : f32 to i32
    %r = arith.bitcast %i : i32 to f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x2x4x8xf32>
}

// -----

func.func @memref_captured(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x4x8xf32>, %t: memref<2xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  // expected-error @below {{expected ranked tensors but got 'memref<2xf32>', which cannot have a gradient}}
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
      score(%s, %b, %h, %m, %n) {
    %e = memref.load %t[%h] : memref<2xf32>
    %r = arith.addf %s, %e : f32
    posenc.yield %r : f32
  }
  return %o : tensor<1x2x4x8xf32>
}

// -----

func.func @on_memrefs(%q: memref<1x2x4x8xf32>, %k: memref<1x2x4x8xf32>, %o: memref<1x2x4x8xf32>) {
  // expected-error @below {{expected tensors but got memrefs: the backward is built before bufferization}}
  posenc.attention scale(1.0) ins(%q, %k, %k : memref<1x2x4x8xf32>, memref<1x2x4x8xf32>, memref<1x2x4x8xf32>) outs(%o : memref<1x2x4x8xf32>)
  return
}

// -----

func.func private @taken_backward()

func.func @taken(%q: tensor<1x2x4x8xf32>, %k: tensor<1x2x4x8xf32>, %init: tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  // expected-error @below {{expected no function of the name @taken_backward, which its backward gets, but got one}}
  %o = posenc.attention scale(1.0) ins(%q, %k, %k : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%init : tensor<1x2x4x8xf32>)
  return %o : tensor<1x2x4x8xf32>
}

// -----

%q = tensor.empty() : tensor<1x2x4x8xf32>
// expected-error @below {{expected a function around it}}
%o = posenc.attention scale(1.0) ins(%q, %q, %q : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) outs(%q : tensor<1x2x4x8xf32>)
