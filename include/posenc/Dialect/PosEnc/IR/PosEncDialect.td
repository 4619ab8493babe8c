//===- PosEncDialect.td - The posenc dialect ---------------*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_DIALECT
#define POSENC_DIALECT

include "mlir/IR/OpBase.td"

def PosEnc_Dialect : Dialect {
  let name = "posenc";
  let cppNamespace = "::mlir::posenc";
  let summary = "Positional encodings in attention, as operations with structure";
  let description = [{
    A score modification is a scalar function

        s'(b, h, m, n) = f(s, b, h, m, n; captured tensors)

    of the query INDEX m and key INDEX n. Indices address tensors; POSITIONS
    i = q_pos(m) and j = k_pos(n) carry meaning. They differ with offsets,
    padding, packed documents and multi-axis encodings, so the dialect never
    mixes them up: region arguments are indices, `posenc.q_pos` and
    `posenc.k_pos` read positions.

    Papers are attributes (`#posenc.bucket<t5, …>`), mechanics are ops
    (`posenc.bias_table`). A lowering knows only the mechanics.

    Version log: 0.1 first version; no stability of the textual form before 1.0.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    /// Defined where the attributes' storage is.
    void registerAttributes();
  }];
}

#endif // POSENC_DIALECT
