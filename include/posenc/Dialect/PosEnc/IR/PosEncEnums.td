//===- PosEncEnums.td - Enumerations of the posenc dialect -*- tablegen -*-===//
//
// Part of posenc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef POSENC_ENUMS
#define POSENC_ENUMS

include "mlir/IR/EnumAttr.td"

class PosEnc_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::posenc";
  let genSpecializedAttr = 0;
}

// The sign convention of a distance. Mandatory wherever a distance is read:
// libraries disagree (T5 and Shaw use j - i, DeBERTa and Swin use i - j).
def PosEnc_Sign : PosEnc_Enum<"Sign", "sign convention of a distance D", [
  I32EnumAttrCase<"QMinusK", 0, "q_minus_k">,
  I32EnumAttrCase<"KMinusQ", 1, "k_minus_q">]>;

def PosEnc_DistanceKind : PosEnc_Enum<"DistanceKind", "distance that bias_fn reads", [
  I32EnumAttrCase<"QMinusK", 0, "q_minus_k">,
  I32EnumAttrCase<"KMinusQ", 1, "k_minus_q">,
  I32EnumAttrCase<"Absolute", 2, "absolute">]>;

def PosEnc_BucketKind : PosEnc_Enum<"BucketKind", "map from two positions to a table row", [
  I32EnumAttrCase<"T5", 0, "t5">,
  I32EnumAttrCase<"Clip", 1, "clip">,
  I32EnumAttrCase<"Lut", 2, "lut">,
  I32EnumAttrCase<"Deberta", 3, "deberta">,
  I32EnumAttrCase<"Identity", 4, "identity">,
  I32EnumAttrCase<"Grid2D", 5, "grid2d">,
  I32EnumAttrCase<"Grid3D", 6, "grid3d">,
  I32EnumAttrCase<"AbsGrid", 7, "abs_grid">,
  I32EnumAttrCase<"IRPE", 8, "irpe">]>;

def PosEnc_MaskKind : PosEnc_Enum<"MaskKind", "visible keys by position", [
  I32EnumAttrCase<"Causal", 0, "causal">,
  I32EnumAttrCase<"Window", 1, "window">,
  I32EnumAttrCase<"Chunked", 2, "chunked">,
  I32EnumAttrCase<"Prefix", 3, "prefix">]>;

def PosEnc_BiasFnKind : PosEnc_Enum<"BiasFnKind", "closed-form bias", [
  I32EnumAttrCase<"Linear", 0, "linear">,
  I32EnumAttrCase<"Power", 1, "power">,
  I32EnumAttrCase<"Log", 2, "log">,
  I32EnumAttrCase<"Exponential", 3, "exponential">,
  I32EnumAttrCase<"ExpPower", 4, "exp_power">,
  I32EnumAttrCase<"CosineSum", 5, "cosine_sum">]>;

def PosEnc_Activation : PosEnc_Enum<"Activation", "what stands between two layers", [
  I32EnumAttrCase<"ReLU", 0, "relu">,
  I32EnumAttrCase<"SiLU", 1, "silu">,
  I32EnumAttrCase<"GELU", 2, "gelu">,
  I32EnumAttrCase<"Tanh", 3, "tanh">,
  I32EnumAttrCase<"LeakyReLU", 4, "leaky_relu">]>;

// Libraries disagree for head counts that are no power of two.
def PosEnc_SlopeConvention : PosEnc_Enum<"SlopeConvention", "slopes of ALiBi's heads", [
  I32EnumAttrCase<"Press", 0, "press">,
  I32EnumAttrCase<"Geometric", 1, "geometric">]>;

def PosEnc_RotateLayout : PosEnc_Enum<"RotateLayout", "which channels form a pair", [
  I32EnumAttrCase<"Half", 0, "half">,
  I32EnumAttrCase<"Interleaved", 1, "interleaved">,
  I32EnumAttrCase<"BlockHalf", 2, "block_half">]>;

def PosEnc_TemperatureKind : PosEnc_Enum<"TemperatureKind", "growth of scores with the position", [
  I32EnumAttrCase<"Llama4", 0, "llama4">,
  I32EnumAttrCase<"Ministral", 1, "ministral">,
  I32EnumAttrCase<"LogN", 2, "logn">,
  I32EnumAttrCase<"Inkling", 3, "inkling">]>;

def PosEnc_FreqKind : PosEnc_Enum<"FreqKind", "rule for the inverse frequencies", [
  I32EnumAttrCase<"Default", 0, "default">,
  I32EnumAttrCase<"Linear", 1, "linear">,
  I32EnumAttrCase<"DynamicNTK", 2, "dynamic_ntk">,
  I32EnumAttrCase<"NTK", 3, "ntk">,
  I32EnumAttrCase<"YaRN", 4, "yarn">,
  I32EnumAttrCase<"LongRoPE", 5, "longrope">,
  I32EnumAttrCase<"Llama3", 6, "llama3">,
  I32EnumAttrCase<"Proportional", 7, "proportional">,
  I32EnumAttrCase<"T2T", 8, "t2t">,
  I32EnumAttrCase<"Endpoint", 9, "endpoint">]>;

def PosEnc_AxesKind : PosEnc_Enum<"AxesKind", "which axis a pair reads", [
  I32EnumAttrCase<"Sections", 0, "sections">,
  I32EnumAttrCase<"Interleaved", 1, "interleaved">,
  I32EnumAttrCase<"List", 2, "list">]>;

def PosEnc_SinCosLayout : PosEnc_Enum<"SinCosLayout", "where sines and cosines stand", [
  I32EnumAttrCase<"Interleaved", 0, "interleaved">,
  I32EnumAttrCase<"Concat", 1, "concat">,
  I32EnumAttrCase<"Blocks", 2, "blocks">]>;

def PosEnc_OutOfBounds : PosEnc_Enum<"OutOfBounds", "what a position outside the table does", [
  I32EnumAttrCase<"Clamp", 0, "clamp">,
  I32EnumAttrCase<"Assert", 1, "assert">]>;

#endif // POSENC_ENUMS
