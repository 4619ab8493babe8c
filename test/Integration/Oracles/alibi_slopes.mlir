// Slopes of Bloom and MPT for 1 to 33 and 112 heads: both are Press's rule.
// FIXTURE: transformers_alibi_slopes
// RESULTS: bloom mpt
// RUN: %python -m posenc_testing.against_oracle %s
func.func @main() -> (tensor<673xf32>, tensor<673xf32>) {
  %s1 = posenc.alibi_slopes press : tensor<1xf32>
  %s2 = posenc.alibi_slopes press : tensor<2xf32>
  %s3 = posenc.alibi_slopes press : tensor<3xf32>
  %s4 = posenc.alibi_slopes press : tensor<4xf32>
  %s5 = posenc.alibi_slopes press : tensor<5xf32>
  %s6 = posenc.alibi_slopes press : tensor<6xf32>
  %s7 = posenc.alibi_slopes press : tensor<7xf32>
  %s8 = posenc.alibi_slopes press : tensor<8xf32>
  %s9 = posenc.alibi_slopes press : tensor<9xf32>
  %s10 = posenc.alibi_slopes press : tensor<10xf32>
  %s11 = posenc.alibi_slopes press : tensor<11xf32>
  %s12 = posenc.alibi_slopes press : tensor<12xf32>
  %s13 = posenc.alibi_slopes press : tensor<13xf32>
  %s14 = posenc.alibi_slopes press : tensor<14xf32>
  %s15 = posenc.alibi_slopes press : tensor<15xf32>
  %s16 = posenc.alibi_slopes press : tensor<16xf32>
  %s17 = posenc.alibi_slopes press : tensor<17xf32>
  %s18 = posenc.alibi_slopes press : tensor<18xf32>
  %s19 = posenc.alibi_slopes press : tensor<19xf32>
  %s20 = posenc.alibi_slopes press : tensor<20xf32>
  %s21 = posenc.alibi_slopes press : tensor<21xf32>
  %s22 = posenc.alibi_slopes press : tensor<22xf32>
  %s23 = posenc.alibi_slopes press : tensor<23xf32>
  %s24 = posenc.alibi_slopes press : tensor<24xf32>
  %s25 = posenc.alibi_slopes press : tensor<25xf32>
  %s26 = posenc.alibi_slopes press : tensor<26xf32>
  %s27 = posenc.alibi_slopes press : tensor<27xf32>
  %s28 = posenc.alibi_slopes press : tensor<28xf32>
  %s29 = posenc.alibi_slopes press : tensor<29xf32>
  %s30 = posenc.alibi_slopes press : tensor<30xf32>
  %s31 = posenc.alibi_slopes press : tensor<31xf32>
  %s32 = posenc.alibi_slopes press : tensor<32xf32>
  %s33 = posenc.alibi_slopes press : tensor<33xf32>
  %s112 = posenc.alibi_slopes press : tensor<112xf32>
  %all = tensor.concat dim(0) %s1, %s2, %s3, %s4, %s5, %s6, %s7, %s8, %s9, %s10, %s11, %s12, %s13, %s14, %s15, %s16, %s17,
      %s18, %s19, %s20, %s21, %s22, %s23, %s24, %s25, %s26, %s27, %s28, %s29, %s30, %s31, %s32, %s33, %s112 : (
      tensor<1xf32>, tensor<2xf32>, tensor<3xf32>, tensor<4xf32>, tensor<5xf32>, tensor<6xf32>, tensor<7xf32>,
      tensor<8xf32>, tensor<9xf32>, tensor<10xf32>, tensor<11xf32>, tensor<12xf32>, tensor<13xf32>, tensor<14xf32>,
      tensor<15xf32>, tensor<16xf32>, tensor<17xf32>, tensor<18xf32>, tensor<19xf32>, tensor<20xf32>, tensor<21xf32>,
      tensor<22xf32>, tensor<23xf32>, tensor<24xf32>, tensor<25xf32>, tensor<26xf32>, tensor<27xf32>, tensor<28xf32>,
      tensor<29xf32>, tensor<30xf32>, tensor<31xf32>, tensor<32xf32>, tensor<33xf32>, tensor<112xf32>) -> tensor<673xf32>
  return %all, %all : tensor<673xf32>, tensor<673xf32>
}
