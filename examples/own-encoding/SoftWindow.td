// The whole definition of an encoding that posenc does not know.
include "mlir/Interfaces/SideEffectInterfaces.td"
include "posenc/Dialect/PosEnc/IR/PosEncInterfaces.td"

def SoftDialect : Dialect {
  let name = "soft";
  let cppNamespace = "::soft";
}

def SoftWindowOp : Op<SoftDialect, "window",
    [Pure, DeclareOpInterfaceMethods<ScoreModOpInterface, ["isAdditive"]>]> {
  let summary = "s' = s - strength[h] * max(|i - j| - width, 0)";
  let arguments = (ins F32:$score, AnyShaped:$strength, Index:$head, Index:$q_position,
                       Index:$k_position, F32Attr:$width);
  let results = (outs F32:$result);
  let assemblyFormat = [{ $score `,` $strength `[` $head `]` `at` `(` $q_position `,` $k_position `)`
                          `width` $width attr-dict `:` type($strength) }];
}
