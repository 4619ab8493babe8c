// RUN: posenc-opt %s --posenc-host-to-runtime --split-input-file | FileCheck %s

// Narrow integers are extended by the caller, as C wants it.

// CHECK-DAG: llvm.func @posenc_rt_mem_alloc(i64, !llvm.ptr, i8 {llvm.zeroext}) -> !llvm.ptr
// CHECK-DAG: llvm.func @posenc_rt_memset16(!llvm.ptr, i16 {llvm.zeroext}, i64, !llvm.ptr)
// CHECK-LABEL: llvm.func @device(
// CHECK-SAME: %[[N:.*]]: i64, %[[HOST:.*]]: !llvm.ptr)
// CHECK: %[[STREAM:.*]] = llvm.call @posenc_rt_stream_create()
// CHECK: %[[MEMORY:.*]] = llvm.call @posenc_rt_mem_alloc(%[[N]], %[[STREAM]], %{{.*}})
// CHECK: llvm.call @posenc_rt_memset16(%[[MEMORY]], %{{.*}}, %[[N]], %[[STREAM]])
// CHECK: llvm.call @posenc_rt_memset32(%[[MEMORY]], %{{.*}}, %[[N]], %[[STREAM]])
// CHECK: %[[EVENT:.*]] = llvm.call @posenc_rt_event_create()
// CHECK: llvm.call @posenc_rt_event_record(%[[EVENT]], %[[STREAM]])
// CHECK: llvm.call @posenc_rt_stream_wait_event(%[[STREAM]], %[[EVENT]])
// CHECK: llvm.call @posenc_rt_event_synchronize(%[[EVENT]])
// CHECK: llvm.call @posenc_rt_event_destroy(%[[EVENT]])
// CHECK: llvm.call @posenc_rt_memcpy(%[[HOST]], %[[MEMORY]], %[[N]], %[[STREAM]])
// CHECK: llvm.call @posenc_rt_mem_free(%[[MEMORY]], %[[STREAM]])
// CHECK: llvm.call @posenc_rt_stream_synchronize(%[[STREAM]])
// CHECK: llvm.call @posenc_rt_stream_destroy(%[[STREAM]])
llvm.func @mgpuStreamCreate() -> !llvm.ptr
llvm.func @mgpuStreamSynchronize(!llvm.ptr)
llvm.func @mgpuStreamDestroy(!llvm.ptr)
llvm.func @mgpuStreamWaitEvent(!llvm.ptr, !llvm.ptr)
llvm.func @mgpuEventCreate() -> !llvm.ptr
llvm.func @mgpuEventRecord(!llvm.ptr, !llvm.ptr)
llvm.func @mgpuEventSynchronize(!llvm.ptr)
llvm.func @mgpuEventDestroy(!llvm.ptr)
llvm.func @mgpuMemAlloc(i64, !llvm.ptr, i8) -> !llvm.ptr
llvm.func @mgpuMemFree(!llvm.ptr, !llvm.ptr)
llvm.func @mgpuMemcpy(!llvm.ptr, !llvm.ptr, i64, !llvm.ptr)
llvm.func @mgpuMemset16(!llvm.ptr, i16, i64, !llvm.ptr)
llvm.func @mgpuMemset32(!llvm.ptr, i32, i64, !llvm.ptr)
llvm.func @device(%n: i64, %host: !llvm.ptr) {
  %false = llvm.mlir.constant(0 : i8) : i8
  %c16 = llvm.mlir.constant(7 : i16) : i16
  %c32 = llvm.mlir.constant(7 : i32) : i32
  %stream = llvm.call @mgpuStreamCreate() : () -> !llvm.ptr
  %memory = llvm.call @mgpuMemAlloc(%n, %stream, %false) : (i64, !llvm.ptr, i8) -> !llvm.ptr
  llvm.call @mgpuMemset16(%memory, %c16, %n, %stream) : (!llvm.ptr, i16, i64, !llvm.ptr) -> ()
  llvm.call @mgpuMemset32(%memory, %c32, %n, %stream) : (!llvm.ptr, i32, i64, !llvm.ptr) -> ()
  %event = llvm.call @mgpuEventCreate() : () -> !llvm.ptr
  llvm.call @mgpuEventRecord(%event, %stream) : (!llvm.ptr, !llvm.ptr) -> ()
  llvm.call @mgpuStreamWaitEvent(%stream, %event) : (!llvm.ptr, !llvm.ptr) -> ()
  llvm.call @mgpuEventSynchronize(%event) : (!llvm.ptr) -> ()
  llvm.call @mgpuEventDestroy(%event) : (!llvm.ptr) -> ()
  llvm.call @mgpuMemcpy(%host, %memory, %n, %stream) : (!llvm.ptr, !llvm.ptr, i64, !llvm.ptr) -> ()
  llvm.call @mgpuMemFree(%memory, %stream) : (!llvm.ptr, !llvm.ptr) -> ()
  llvm.call @mgpuStreamSynchronize(%stream) : (!llvm.ptr) -> ()
  llvm.call @mgpuStreamDestroy(%stream) : (!llvm.ptr) -> ()
  llvm.return
}

// -----

// CHECK-NOT: llvm.func @malloc
// CHECK-NOT: llvm.func @free
// CHECK-LABEL: llvm.func @host(
// CHECK: llvm.call @posenc_rt_malloc
// CHECK: llvm.call @posenc_rt_aligned_alloc
// CHECK: llvm.call @posenc_rt_memref_copy
// CHECK: llvm.call @posenc_rt_free
// CHECK: llvm.call @expf
llvm.func @malloc(i64) -> !llvm.ptr
llvm.func @aligned_alloc(i64, i64) -> !llvm.ptr
llvm.func @memrefCopy(i64, !llvm.ptr, !llvm.ptr)
llvm.func @free(!llvm.ptr)
llvm.func @expf(f32) -> f32
llvm.func @host(%n: i64, %x: f32) -> f32 {
  %a = llvm.call @malloc(%n) : (i64) -> !llvm.ptr
  %b = llvm.call @aligned_alloc(%n, %n) : (i64, i64) -> !llvm.ptr
  llvm.call @memrefCopy(%n, %a, %b) : (i64, !llvm.ptr, !llvm.ptr) -> ()
  llvm.call @free(%a) : (!llvm.ptr) -> ()
  %y = llvm.call @expf(%x) : (f32) -> f32
  llvm.return %y : f32
}

// -----

// Constants are kept with the first module.

// CHECK-NOT: posenc_constant_on_device
// CHECK-LABEL: llvm.func @constant(
// CHECK: %[[ADDRESS:.*]] = llvm.mlir.addressof @weight
// CHECK: %[[MODULE:.*]] = llvm.mlir.addressof @posenc_module_first
// CHECK: %[[COPY:.*]] = llvm.call @posenc_rt_constant(%[[MODULE]], %[[ADDRESS]], %{{.*}}) : (!llvm.ptr, !llvm.ptr, i64) -> !llvm.ptr
// CHECK: llvm.return %[[COPY]]
llvm.mlir.global private constant @weight(1.0 : f32) : f32
llvm.func @posenc_constant_on_device(!llvm.ptr, i64) -> !llvm.ptr
llvm.func @constant() -> !llvm.ptr {
  %address = llvm.mlir.addressof @weight : !llvm.ptr
  %bytes = llvm.mlir.constant(4 : i64) : i64
  %copy = llvm.call @posenc_constant_on_device(%address, %bytes) : (!llvm.ptr, i64) -> !llvm.ptr
  llvm.return %copy : !llvm.ptr
}
gpu.module @first {
}
gpu.module @second {
}

// -----

// Or with one made for them: here no kernel touches what the function returns.

// CHECK: llvm.mlir.global external hidden @posenc_module_constants()
// CHECK: llvm.mlir.addressof @posenc_images_constants
// CHECK: llvm.mlir.global external hidden constant @posenc_images_constants()
// CHECK: llvm.mlir.constant(0 : i64)
// CHECK-LABEL: llvm.func @constant_alone(
// CHECK: %[[MODULE:.*]] = llvm.mlir.addressof @posenc_module_constants
// CHECK: llvm.call @posenc_rt_constant(%[[MODULE]],
// CHECK: llvm.call @posenc_rt_constant(%{{.*}},
llvm.func @posenc_constant_on_device(!llvm.ptr, i64) -> !llvm.ptr
llvm.func @constant_alone(%address: !llvm.ptr, %bytes: i64) {
  %0 = llvm.call @posenc_constant_on_device(%address, %bytes) : (!llvm.ptr, i64) -> !llvm.ptr
  %1 = llvm.call @posenc_constant_on_device(%address, %bytes) : (!llvm.ptr, i64) -> !llvm.ptr
  llvm.return
}

// -----

// A function of the program's own that happens to be called free.

// CHECK-LABEL: llvm.func @free(
// CHECK-LABEL: llvm.func @negative_own_function(
// CHECK: llvm.call @free
llvm.func @free(%p: !llvm.ptr) {
  llvm.return
}
llvm.func @negative_own_function(%p: !llvm.ptr) {
  llvm.call @free(%p) : (!llvm.ptr) -> ()
  llvm.return
}

// -----

// What the GPU pipelines make of an assertion. The message is there already.

// CHECK-LABEL: llvm.func @assert_puts(
// CHECK: %[[TEXT:.*]] = llvm.mlir.addressof @text
// CHECK-NEXT: llvm.call @posenc_rt_assert_failed(%[[TEXT]])
// CHECK-NEXT: llvm.unreachable
llvm.mlir.global private constant @text("expected more\00")
llvm.func @puts(!llvm.ptr)
llvm.func @abort()
llvm.func @assert_puts() {
  %text = llvm.mlir.addressof @text : !llvm.ptr
  llvm.call @puts(%text) : (!llvm.ptr) -> ()
  llvm.call @abort() : () -> ()
  llvm.unreachable
}

// -----

// What the CPU pipeline makes of one: the text has no end of its own.

// CHECK: llvm.mlir.global private constant @[[$MESSAGE:posenc_message]]("expected more\00")
// CHECK-LABEL: llvm.func @assert_write(
// CHECK-NOT: llvm.call @write
// CHECK: %[[TEXT:.*]] = llvm.mlir.addressof @[[$MESSAGE]]
// CHECK-NEXT: llvm.call @posenc_rt_assert_failed(%[[TEXT]])
llvm.mlir.global private constant @text("expected more\0A")
llvm.func @write(i32, !llvm.ptr, i64) -> i64
llvm.func @abort()
llvm.func @assert_write() {
  %text = llvm.mlir.addressof @text : !llvm.ptr
  %stderr = llvm.mlir.constant(2 : i32) : i32
  %size = llvm.mlir.constant(14 : i64) : i64
  %0 = llvm.call @write(%stderr, %text, %size) : (i32, !llvm.ptr, i64) -> i64
  llvm.call @abort() : () -> ()
  llvm.unreachable
}

// -----

// CHECK: llvm.mlir.global private constant @posenc_message("the program called abort\00")
// CHECK-LABEL: llvm.func @abort_alone(
// CHECK: llvm.call @posenc_rt_assert_failed
llvm.func @abort()
llvm.func @abort_alone() {
  llvm.call @abort() : () -> ()
  llvm.unreachable
}

// -----

// The images of a gpu.module come from posenc-emulate.

// CHECK-DAG: llvm.mlir.global private constant @[[NAME:posenc_name_kernels]]("kernels\00")
// CHECK-DAG: llvm.mlir.global private constant @[[$KERNEL:.*]]("f\00")
// CHECK: llvm.mlir.global external hidden @posenc_module_kernels() {{.*}} : !llvm.struct<(ptr, ptr, ptr)> {
// CHECK: llvm.mlir.addressof @[[NAME]]
// CHECK: llvm.mlir.addressof @posenc_images_kernels
// CHECK: llvm.mlir.zero
// CHECK: llvm.mlir.global external hidden constant @posenc_images_kernels() {{.*}} : !llvm.struct<(i64, ptr)>{{$}}
// CHECK-LABEL: llvm.func @launch(
// CHECK-SAME: %[[STREAM:.*]]: !llvm.ptr, %[[N:.*]]: i64, %[[M:.*]]: i32, %[[X:.*]]: f32)
// The space for arguments is in the entry block: this launch is in a loop.
// CHECK: llvm.alloca
// CHECK: llvm.alloca
// CHECK: %[[VALUES:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, f32)>
// CHECK: %[[POINTERS:.*]] = llvm.alloca %{{.*}} x !llvm.array<2 x ptr>
// CHECK: ^bb1:
// CHECK: %[[WIDE:.*]] = llvm.zext %[[M]] : i32 to i64
// CHECK: %[[MODULE:.*]] = llvm.mlir.addressof @posenc_module_kernels
// CHECK: %[[NAME:.*]] = llvm.mlir.addressof @[[$KERNEL]]
// CHECK: llvm.intr.lifetime.start %[[VALUES]]
// CHECK: llvm.intr.lifetime.start %[[POINTERS]]
// CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[VALUES]][0, 0]
// CHECK: llvm.store %[[STREAM]], %[[FIRST]]
// CHECK: %[[PLACE:.*]] = llvm.getelementptr %[[POINTERS]][0, 0]
// CHECK: llvm.store %[[FIRST]], %[[PLACE]]
// CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[VALUES]][0, 1]
// CHECK: llvm.store %[[X]], %[[SECOND]]
// CHECK: llvm.call @posenc_rt_launch(%[[MODULE]], %[[NAME]], %[[N]], %[[N]], %[[WIDE]], %[[N]], %[[N]], %[[N]], %[[M]], %[[STREAM]], %[[POINTERS]], %{{.*}})
// CHECK: llvm.intr.lifetime.end %[[VALUES]]
// CHECK: llvm.intr.lifetime.end %[[POINTERS]]
// Without shared memory and stream, and the same name for the same kernel.
// CHECK: %[[NAME2:.*]] = llvm.mlir.addressof @[[$KERNEL]]
// CHECK: %[[SHARED:.*]] = llvm.mlir.constant(0 : i32)
// CHECK: %[[NULL:.*]] = llvm.mlir.zero
// CHECK: llvm.call @posenc_rt_launch(%{{.*}}, %[[NAME2]], {{.*}}, %[[SHARED]], %[[NULL]],
// CHECK: gpu.module @kernels
// What kernels call is their own.
// CHECK: llvm.call @malloc
module attributes {gpu.container_module} {
  llvm.func @launch(%stream: !llvm.ptr, %n: i64, %m: i32, %x: f32) {
    %c1 = llvm.mlir.constant(1 : i64) : i64
    llvm.br ^loop
  ^loop:
    %wide = llvm.zext %m : i32 to i64
    gpu.launch_func <%stream : !llvm.ptr> @kernels::@f blocks in (%n, %n, %wide) threads in (%n, %n, %n) : i64
      dynamic_shared_memory_size %m args(%stream : !llvm.ptr, %x : f32)
    gpu.launch_func @kernels::@f blocks in (%n, %c1, %c1) threads in (%n, %c1, %c1) : i64
      args(%stream : !llvm.ptr, %x : f32)
    llvm.br ^loop
  }
  gpu.module @kernels {
    llvm.func @malloc(i64) -> !llvm.ptr
    llvm.func @f(%p: !llvm.ptr, %x: f32) attributes {gpu.kernel} {
      %c1 = llvm.mlir.constant(1 : i64) : i64
      %0 = llvm.call @malloc(%c1) : (i64) -> !llvm.ptr
      llvm.return
    }
  }
}

// -----

// Extents may be i32.

// CHECK-LABEL: llvm.func @narrow(
// CHECK-COUNT-6: llvm.zext %{{.*}} : i32 to i64
// CHECK: llvm.call @posenc_rt_launch
module attributes {gpu.container_module} {
  llvm.func @narrow(%n: i32) {
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n) threads in (%n, %n, %n) : i32
    llvm.return
  }
  gpu.module @kernels {
    llvm.func @f() attributes {gpu.kernel} {
      llvm.return
    }
  }
}

// -----

// A binary's objects become images, in their order, and the binary goes.

// CHECK-DAG: llvm.mlir.global private constant @[[PTX:.*]]("text\00") {{.*}}alignment = 16
// CHECK-DAG: llvm.mlir.global private constant @[[CUBIN:.*]]("bytes\00")
// CHECK-DAG: llvm.mlir.global private constant @[[HSACO:.*]]("more bytes\00")
// CHECK-DAG: llvm.mlir.global private constant @{{.*}}("sm_80\00")
// CHECK-DAG: llvm.mlir.global private constant @{{.*}}("sm_90a\00")
// CHECK-DAG: llvm.mlir.global private constant @{{.*}}("gfx942\00")
// CHECK-DAG: llvm.mlir.global private constant @[[PTX_FORMAT:.*]]("ptx\00")
// CHECK-DAG: llvm.mlir.global private constant @[[CUBIN_FORMAT:.*]]("cubin\00")
// CHECK-DAG: llvm.mlir.global private constant @[[HSACO_FORMAT:.*]]("hsaco\00")
// CHECK: llvm.mlir.global private constant @[[LIST:.*]]() {{.*}} : !llvm.array<3 x struct<(ptr, ptr, ptr, i64)>> {
// CHECK: llvm.mlir.addressof @[[PTX_FORMAT]]
// CHECK: llvm.mlir.addressof @[[PTX]]
// CHECK: llvm.mlir.constant(4 : i64)
// CHECK: llvm.mlir.addressof @[[CUBIN_FORMAT]]
// CHECK: llvm.mlir.addressof @[[CUBIN]]
// CHECK: llvm.mlir.constant(5 : i64)
// CHECK: llvm.mlir.addressof @[[HSACO_FORMAT]]
// CHECK: llvm.mlir.addressof @[[HSACO]]
// CHECK: llvm.mlir.constant(10 : i64)
// CHECK: llvm.mlir.global external hidden constant @posenc_images_kernels()
// CHECK: llvm.mlir.constant(3 : i64)
// CHECK: llvm.mlir.addressof @[[LIST]]
// CHECK-NOT: gpu.binary
module attributes {gpu.container_module} {
  gpu.binary @kernels [
    #gpu.object<#nvvm.target<chip = "sm_80">, assembly = "text">,
    #gpu.object<#nvvm.target<chip = "sm_90a">, bin = "bytes">,
    #gpu.object<#rocdl.target<chip = "gfx942">, bin = "more bytes">]
}
