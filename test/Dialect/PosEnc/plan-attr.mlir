// Plans and strategies as text.
// RUN: posenc-opt --allow-unregistered-dialect %s | posenc-opt --allow-unregistered-dialect | FileCheck %s
// RUN: posenc-opt --allow-unregistered-dialect %s --mlir-print-op-generic | posenc-opt --allow-unregistered-dialect | FileCheck %s

// CHECK: "all"() {p = #posenc.plan<engine = "simt", block_m = 64, block_n = 128, stages = 3, key_splits = 8, zones = [skipped, -4, masked, 0, band, 113, constant, 200, full]>}
"all"() {p = #posenc.plan<zones = [skipped, -4, masked, 0, band, 113, constant, 200, full], block_n = 128, key_splits = 8, engine = "simt", stages = 3, block_m = 64>} : () -> ()
// CHECK: "none"() {p = #posenc.plan<>}
"none"() {p = #posenc.plan<>} : () -> ()
// CHECK: "some"() {p = #posenc.plan<block_m = 1048576, zones = [band]>}
"some"() {p = #posenc.plan<block_m = 1048576, zones = [band]>} : () -> ()
// CHECK: "strategies"() {s = [#posenc.strategy<per_score>, #posenc.strategy<bounds>, #posenc.strategy<uniform>, #posenc.strategy<affine>, #posenc.strategy<strip>, #posenc.strategy<strip_init>, #posenc.strategy<low_rank>, #posenc.strategy<widened>, #posenc.strategy<product>, #posenc.strategy<table>, #posenc.strategy<dense>, #posenc.strategy<scan>, #posenc.strategy<mix>]}
"strategies"() {s = [#posenc.strategy<per_score>, #posenc.strategy<bounds>, #posenc.strategy<uniform>, #posenc.strategy<affine>, #posenc.strategy<strip>, #posenc.strategy<strip_init>, #posenc.strategy<low_rank>, #posenc.strategy<widened>, #posenc.strategy<product>, #posenc.strategy<table>, #posenc.strategy<dense>, #posenc.strategy<scan>, #posenc.strategy<mix>]} : () -> ()
