// RUN: posenc-opt %s --allow-unregistered-dialect --posenc-merge-gpu-modules -verify-diagnostics

gpu.module @a {
  // expected-error @below {{'test.op' op expected only symbols in a gpu.module}}
  "test.op"() : () -> ()
}
