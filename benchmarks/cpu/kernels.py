"""posenc's attention as functions of this process: compiled to an object,
linked to a shared library, called with PyTorch's tensors."""
import ctypes
import functools
import os
import shutil
import subprocess
import tempfile

import torch

ELEMENTS = {torch.float32: "f32", torch.bfloat16: "bf16", torch.float16: "f16"}

# The score region of each bias: (captured tensors with their types, what follows
# the score). Lengths are dynamic; heads and head sizes are not.
POSITIONS = "%i = posenc.q_pos : index\n %j = posenc.k_pos : index\n"


def bias_region(bias, heads):
    """The captured tensor's type, or None, and the code that adds the bias to %s
    as %x."""
    if bias == "none":
        return None, None
    if bias == "t5":
        table = f"tensor<32x{heads}xf32>"
        bucket = "t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true"
        return table, f"%x = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <{bucket}> : {table}"
    if bias == "clip":
        table = f"tensor<33x{heads}xf32>"
        bucket = "clip, k_minus_q, left = 16, right = 16"
        return table, f"%x = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <{bucket}> : {table}"
    if bias == "alibi":
        table = f"tensor<{heads}xf32>"
        return table, ("%d = arith.subi %j, %i : index\n%a = math.absi %d : index\n"
                       "%l = arith.index_cast %a : index to i64\n%f = arith.sitofp %l : i64 to f32\n"
                       f"%e = tensor.extract %table[%h] : {table}\n%p = arith.mulf %e, %f : f32\n"
                       "%x = arith.subf %s, %p : f32")
    if bias.startswith("swin"):
        side = int(bias[4:])
        rows = (2 * side - 1)**2
        table = f"tensor<{rows}x{heads}xf32>"
        bucket = f"grid2d, q_minus_k, height = {side}, width = {side}"
        return table, f"%x = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <{bucket}> : {table}"
    if bias == "dense":
        table = f"tensor<{heads}x?x?xf32>"
        return table, (f"%e = tensor.extract %table[%h, %m, %n] : {table}\n"
                       "%x = arith.addf %s, %e : f32")
    raise ValueError(bias)


def mask_code(window, score):
    """`window` = (left, right), each a distance or None."""
    left, right = window
    lines = []
    if right is not None:
        lines.append(f"%r = arith.constant {right} : index\n%jr = arith.subi %j, %i : index\n"
                     "%near = arith.cmpi sle, %jr, %r : index")
    if left is not None:
        lines.append(f"%w = arith.constant {left} : index\n%il = arith.subi %i, %j : index\n"
                     "%far = arith.cmpi sle, %il, %w : index")
    visible = [name for name, bound in (("%near", right), ("%far", left)) if bound is not None]
    if len(visible) == 2:
        lines.append("%both = arith.andi %near, %far : i1")
        visible = ["%both"]
    lines.append("%inf = arith.constant 0xFF800000 : f32\n"
                 f"%y = arith.select {visible[0]}, {score}, %inf : f32")
    return "\n".join(lines)


ROTATION = """{which}_rows(%row, %b, %h, %t) {{
  %y = posenc.rotate %row at(%b, %t) by(%cos, %sin) half : !posenc.row, {table}, {table}
  posenc.yield %y : !posenc.row
}}"""


def module(bias, window, dtype, heads, kv_heads, size, rotated=False, length="?"):
    """A module whose @main takes q, k, v, the captured tensor if there is one, and
    with `rotated` cos and sin of [T, size / 2]."""
    element = ELEMENTS[dtype]
    q = f"tensor<?x{heads}x{length}x{size}x{element}>"
    k = f"tensor<?x{kv_heads}x{length}x{size}x{element}>"
    table, code = bias_region(bias, heads)
    score = "%s"
    body = POSITIONS
    if code:
        body, score = body + code + "\n", "%x"
    if window != (None, None):
        body, score = body + mask_code(window, score) + "\n", "%y"
    region = "" if score == "%s" else (f"score(%s, %b, %h, %m, %n) {{\n{body}"
                                       f"posenc.yield {score} : f32\n}}")
    extra = f", %table: {table}" if table else ""
    if rotated:
        angles = f"tensor<?x{size // 2}xf32>"
        extra += f", %cos: {angles}, %sin: {angles}"
        region += "".join(ROTATION.format(which=which, table=angles) for which in "qk")
    queries = ", %queries" if length == "?" else ""
    return f"""
func.func @main(%q: {q}, %k: {k}, %v: {k}{extra}) -> {q} {{
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : {q}
  %queries = tensor.dim %q, %c2 : {q}
  %init = tensor.empty(%batch{queries}) : {q}
  %o = posenc.attention scale({size ** -0.5}) ins(%q, %k, %v : {q}, {k}, {k}) outs(%init : {q}) {region}
  return %o : {q}
}}"""


@functools.lru_cache(None)
def descriptor_type(rank):
    class Descriptor(ctypes.Structure):
        _fields_ = [("allocated", ctypes.c_void_p), ("aligned", ctypes.c_void_p),
                    ("offset", ctypes.c_int64), ("sizes", ctypes.c_int64 * rank),
                    ("strides", ctypes.c_int64 * rank)]
    return Descriptor


def describe(tensor):
    rank = tensor.dim()
    pointer = tensor.data_ptr()
    return descriptor_type(rank)(pointer, pointer, 0, (ctypes.c_int64 * rank)(*tensor.shape),
                                 (ctypes.c_int64 * rank)(*tensor.stride()))


LIBC = ctypes.CDLL(None)
LIBC.free.argtypes = [ctypes.c_void_p]


class Kernel:
    """A compiled function. What it returns belongs to the caller and is freed
    here, in every call."""

    def __init__(self, text, chip="host", keep=None):
        tool = os.path.join(os.environ.get("POSENC_BIN", ""), "posenc-compile")
        folder = keep or tempfile.mkdtemp(prefix="posenc-bench-")
        source, out = os.path.join(folder, "kernel.mlir"), os.path.join(folder, "kernel.o")
        library = os.path.join(folder, "kernel.so")
        with open(source, "w") as file:
            file.write(text)
        subprocess.run([tool, source, "--emit=object", f"--target=cpu:{chip}", "-o", out],
                       check=True)
        linker = os.environ.get("CC", "clang-22")
        subprocess.run([linker, "-shared", out, "-o", library, "-L/usr/lib/llvm-22/lib",
                        "-Wl,-rpath,/usr/lib/llvm-22/lib", "-lomp", "-lm"], check=True)
        self.function = ctypes.CDLL(library)._mlir_ciface_main
        self.function.restype = None
        if not keep:
            shutil.rmtree(folder)

    def prepare(self, *tensors):
        """A function without arguments, to be timed."""
        descriptors = [describe(t) for t in tensors]
        pointers = [ctypes.byref(d) for d in descriptors]
        result = descriptor_type(tensors[0].dim())()
        out, function, free = ctypes.byref(result), self.function, LIBC.free

        def call():
            function(out, *pointers)
            free(result.allocated)
        call.keep = (tensors, descriptors)
        return call

    def __call__(self, *tensors):
        descriptors = [describe(t) for t in tensors]
        result = descriptor_type(tensors[0].dim())()
        self.function(ctypes.byref(result), *[ctypes.byref(d) for d in descriptors])
        value = torch.empty(list(result.sizes), dtype=tensors[0].dtype)
        ctypes.memmove(value.data_ptr(), result.aligned, value.numel() * value.element_size())
        LIBC.free(result.allocated)
        return value
