# RUN: %python %s %posenc_bin %t
# Runs the SIMT engine's kernels on the CPU, a fiber per GPU thread, for both
# vendors' lane exchanges and wave sizes, against NumPy in float64. More cases:
# POSENC_CASES; another seed: POSENC_SEED.
import ctypes
import os
import subprocess
import sys

import numpy as np

BIN, TMP = sys.argv[1], sys.argv[2]
OPT = os.path.join(BIN, "bin", "posenc-opt")
SEED = int(os.environ.get("POSENC_SEED", "1"))
CASES = int(os.environ.get("POSENC_CASES", "24"))
LOWER = (
    "convert-scf-to-cf,convert-vector-to-llvm,expand-strided-metadata,lower-affine,"
    "arith-expand{include-bf16=true},convert-math-to-llvm,convert-math-to-libm,"
    "finalize-memref-to-llvm,convert-arith-to-llvm,convert-index-to-llvm,convert-cf-to-llvm,"
    "convert-func-to-llvm,reconcile-unrealized-casts"
)
LOG2E = 1.4426950408889634


def run(*command, **kwargs):
    done = subprocess.run(command, capture_output=True, **kwargs)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr.decode()[:4000]}")
    return done.stdout


# ---------------------------------------------------------------------------
# Narrow floats: bf16 travels as uint16.
# ---------------------------------------------------------------------------
def narrow(x, dtype):
    if dtype == "f32":
        return x.astype(np.float32)
    if dtype == "f16":
        return x.astype(np.float16)
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def widen(x, dtype):
    if dtype == "bf16":
        return (x.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return x.astype(np.float64)


EPSILON = {"f32": 0.0, "f16": 2.0**-11, "bf16": 2.0**-8}

# ---------------------------------------------------------------------------
# Score regions: IR, extra arguments, and the same formula in NumPy.
# ---------------------------------------------------------------------------
POSITIONS = """
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
"""


def bias_table(c, s):
    d = np.clip(c.k_pos[None, :] - c.q_pos[:, None], -15, 16) + 15
    return s + c.extra["table"].astype(np.float64)[d].transpose(2, 0, 1)[None]


def causal(c, s):
    return np.where(c.q_pos[:, None] >= c.k_pos[None, :], s, -np.inf)


def window(c, s):
    d = c.q_pos[:, None] - c.k_pos[None, :]
    s = s + c.extra["slopes"].astype(np.float64)[None, :, None, None] * -d
    return np.where((d <= 37) & (d >= -3), s, -np.inf)


def softcap(c, s):
    return causal(c, 5.0 * np.tanh(s / 5.0))


def dense(c, s):
    return s + c.extra["bias"].astype(np.float64)


def squared(c, s):
    d = (c.q_pos[:, None] - c.k_pos[None, :]).astype(np.float64)
    return s - 1e-3 * d * d


REGIONS = {
    "none": ("", lambda c, s: s, {}),
    "table": (
        POSITIONS
        + """%1 = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, k_minus_q, left = 15, right = 16> : memref<32x?xf32>
      posenc.yield %1 : f32""",
        bias_table,
        {"table": "memref<32x?xf32>"},
    ),
    "causal": (
        POSITIONS
        + """%1 = posenc.mask %s at(%i, %j) <causal>
      posenc.yield %1 : f32""",
        causal,
        {},
    ),
    "window": (
        POSITIONS
        + """%1 = posenc.bias_fn %s, %slopes[%h] at(%i, %j) linear k_minus_q : memref<?xf32>, index
      %2 = posenc.mask %1 at(%i, %j) <window, left = 37, right = 3>
      posenc.yield %2 : f32""",
        window,
        {"slopes": "memref<?xf32>"},
    ),
    "softcap": (
        POSITIONS
        + """%1 = posenc.softcap %s cap(5.0)
      %2 = posenc.mask %1 at(%i, %j) <causal>
      posenc.yield %2 : f32""",
        softcap,
        {},
    ),
    "dense": (
        """%1 = memref.load %bias[%b, %h, %m, %n] : memref<?x?x?x?xf32>
      %2 = arith.addf %s, %1 : f32
      posenc.yield %2 : f32""",
        dense,
        {"bias": "memref<?x?x?x?xf32>"},
    ),
    "squared": (
        POSITIONS
        + """%d = arith.subi %i, %j : index
      %e = arith.index_cast %d : index to i64
      %f = arith.sitofp %e : i64 to f32
      %g = arith.mulf %f, %f : f32
      %c = arith.constant -1.0e-3 : f32
      %p = arith.mulf %g, %c : f32
      %2 = arith.addf %s, %p : f32
      posenc.yield %2 : f32""",
        squared,
        {},
    ),
}


class Case:
    """Random extents and options, the module for them, inputs, the oracle."""

    def __init__(self, number):
        r = self.random = np.random.default_rng([SEED, number])
        pick = lambda *options: options[r.integers(len(options))]
        self.chip, self.wave = pick(("sm_80", 32), ("sm_100a", 32), ("gfx942", 64), ("gfx1100", 32))
        self.dtype = pick("f32", "f32", "f16", "bf16")
        self.region = list(REGIONS)[number % len(REGIONS)]
        self.group = pick(1, 1, 2, 4)
        self.hk, self.b = int(r.integers(1, 3)), int(r.integers(1, 3))
        self.hq = self.hk * self.group
        self.tq = int(pick(1, 3, 16, 17, 33, 64, int(r.integers(1, 150))))
        self.tk = int(pick(1, 5, 64, 65, int(r.integers(1, 300)), 0))
        self.d = int(pick(8, 16, 20, 32, 40, 64, 80, 128))
        self.dv = int(pick(self.d, self.d, 1, 12, 24, 48, 96, 160, 256))
        self.static = pick("all", "heads", "none")
        self.dims = [pick("bhtd", "bthd", "bhtd", "tbhd", "bhdt") for _ in range(4)]
        self.rotate = pick(None, None, "half", "interleaved")
        self.rotate_output = self.dv % 2 == 0 and r.integers(4) == 0
        self.lse = bool(r.integers(2))
        self.offset = int(pick(0, 0, 5, -9))
        self.k_positions = self.region != "dense" and r.integers(5) == 0
        self.misaligned = r.integers(4) == 0
        self.scale = float(pick(1.0, 0.125, -0.3))

    def extents(self, kind):
        t, h, d = {"q": (self.tq, self.hq, self.d), "k": (self.tk, self.hk, self.d),
                   "v": (self.tk, self.hk, self.dv), "o": (self.tq, self.hq, self.dv)}[kind]
        return {"b": self.b, "h": h, "t": t, "d": d}

    def type(self, kind, word):
        extents = self.extents(kind)
        shape = [extents[c] if self.static == "all" or (self.static == "heads" and c in "hd") else "?"
                 for c in word]
        layout = ", strided<[?, ?, ?, 1], offset: ?>" if self.misaligned else ""
        return f"memref<{'x'.join(map(str, shape))}x{self.dtype}{layout}>"

    def module(self):
        types = [self.type(kind, word) for kind, word in zip("qkvo", self.dims)]
        lse_t = "memref<?x?x?xf32>"
        body, _, extra = REGIONS[self.region]
        args = [f"%{n}: {t}" for n, t in zip("qkvo", types)] + [f"%lse: {lse_t}"]
        args += ["%qo: index", "%kp: memref<?xi32>", "%angles: memref<?x?xf32>", "%oangles: memref<?x?xf32>"]
        args += [f"%{name}: {t}" for name, t in extra.items()]
        outs, out_types = ("%o, %lse", f"{types[3]}, {lse_t}") if self.lse else ("%o", types[3])
        op = (f"posenc.attention scale({self.scale}) ins(%q, %k, %v : {', '.join(types[:3])}) "
              f"outs({outs} : {out_types})\n      dims("
              + ", ".join(f"{n} = {w}" for n, w in zip("qkvo", self.dims)) + ")")
        if self.k_positions:
            op += " positions(k = %kp : memref<?xi32>)"
        op += " offsets(q = %qo)"
        rows = lambda name, angles: f"""
    {name}(%row, %b, %h, %t) {{
      %y = posenc.rotate %row at(%b, %t) by(%{angles}) {self.rotate or 'half'} : !posenc.row, memref<?x?xf32>
      posenc.yield %y : !posenc.row
    }}"""
        if self.rotate:
            op += rows("q_rows", "angles") + rows("k_rows", "angles")
        if self.rotate_output:
            op += rows("o_rows", "oangles")
        if body:
            op += f"\n    score(%s, %b, %h, %m, %n) {{\n      {body}\n    }}"
        return (f"func.func @attention({', '.join(args)}) attributes {{llvm.emit_c_interface}} {{\n"
                f"    {op}\n    return\n}}\n")

    def tensor(self, kind, word, values):
        """The tensor's values in storage order, in a buffer that may have gaps."""
        stored = values.transpose(["bhtd".index(c) for c in word])
        if not self.misaligned:
            return np.ascontiguousarray(stored)
        room = np.zeros([n + 1 for n in stored.shape], stored.dtype)
        view = room[1:, 1:, 1:, 1:]
        view[...] = stored
        return view

    def prepare(self):
        r = self.random
        self.inputs = {}
        for kind in "qkv":
            e = self.extents(kind)
            self.inputs[kind] = narrow(r.standard_normal([e[c] for c in "bhtd"]), self.dtype)
        self.q_pos = np.arange(self.tq) + self.offset
        self.k_pos = np.arange(self.tk)
        if self.k_positions:
            self.k_pos = r.permutation(self.tk + 7)[: self.tk].astype(np.int64)
        longest = max(self.tq, self.tk)
        self.angles = r.uniform(-3, 3, (longest, self.d // 2)).astype(np.float32)
        self.oangles = r.uniform(-3, 3, (longest, max(1, self.dv // 2))).astype(np.float32)
        self.extra = {
            "table": r.standard_normal((32, self.hq)).astype(np.float32),
            "slopes": r.uniform(0, 0.3, self.hq).astype(np.float32),
            "bias": r.standard_normal((self.b, self.hq, self.tq, self.tk)).astype(np.float32),
        }

    def rotated(self, x, angles):
        phi = angles[: x.shape[2]].astype(np.float64)
        if (self.rotate or "half") == "half":
            a, b = np.split(x, 2, axis=-1)
        else:
            a, b = x[..., 0::2], x[..., 1::2]
        ya, yb = a * np.cos(phi) - b * np.sin(phi), b * np.cos(phi) + a * np.sin(phi)
        if (self.rotate or "half") == "half":
            return np.concatenate([ya, yb], axis=-1)
        return np.stack([ya, yb], axis=-1).reshape(x.shape)

    def expected(self):
        q, k, v = (widen(self.inputs[n], self.dtype) for n in "qkv")
        if self.rotate:
            q, k = self.rotated(q, self.angles), self.rotated(k, self.angles)
        k, v = np.repeat(k, self.group, axis=1), np.repeat(v, self.group, axis=1)
        s = REGIONS[self.region][1](self, self.scale * (q @ k.transpose(0, 1, 3, 2)))
        finite = np.isfinite(s)
        top = np.max(np.where(finite, s, -np.inf), axis=-1, keepdims=True, initial=-np.inf)
        p = np.where(finite, np.exp(s - np.where(np.isfinite(top), top, 0.0)), 0.0)
        total = p.sum(-1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            o = np.where(total > 0, (p @ v) / total, 0.0)
            lse = (top + np.log(total))[..., 0]
        if self.rotate_output:
            o = self.rotated(o, self.oangles)
        largest = np.max(np.abs(np.where(finite, s, 0.0)), initial=0.0)
        return o, lse, largest, np.max(np.abs(v), initial=0.0)


def descriptor(array):
    """A memref descriptor (both pointers, offset, sizes, strides)."""
    class Memref(ctypes.Structure):
        _fields_ = [("allocated", ctypes.c_void_p), ("aligned", ctypes.c_void_p), ("offset", ctypes.c_int64),
                    ("sizes", ctypes.c_int64 * array.ndim), ("strides", ctypes.c_int64 * array.ndim)]
    base = array.base if array.base is not None and not array.flags["C_CONTIGUOUS"] else array
    offset = (array.ctypes.data - base.ctypes.data) // array.itemsize
    return Memref(base.ctypes.data, base.ctypes.data, offset, (ctypes.c_int64 * array.ndim)(*array.shape),
                  (ctypes.c_int64 * array.ndim)(*[s // array.itemsize for s in array.strides]))


def build(case, stem):
    with open(stem + ".mlir", "w") as f:
        f.write(case.module())
    simulator = os.path.join(BIN, "lib", "posenc-test-simulator.so")
    pipeline = (f"builtin.module(posenc-attention-to-gpu{{chip={case.chip}}},canonicalize,cse,"
                f"posenc-test-simulate-kernels,{LOWER})")
    run(OPT, f"--load-pass-plugin={simulator}", f"--pass-pipeline={pipeline}", stem + ".mlir", "-o", stem + ".llvm.mlir")
    run("mlir-translate", "--mlir-to-llvmir", stem + ".llvm.mlir", "-o", stem + ".ll")
    run("llc", "-O1", "-mcpu=native", "-relocation-model=pic", "-filetype=obj", stem + ".ll", "-o", stem + ".o")
    fibers = os.path.join(BIN, "lib", "posenc-test-fibers.so")
    run("clang", "-shared", stem + ".o", fibers, "-lm", f"-Wl,-rpath,{os.path.dirname(fibers)}", "-o", stem + ".so")
    return ctypes.CDLL(stem + ".so")


def execute(case, library):
    os.environ["POSENC_TEST_WAVE"] = str(case.wave)
    ctypes.CDLL(None).setenv(b"POSENC_TEST_WAVE", str(case.wave).encode(), 1)
    tensors = [case.tensor(kind, word, case.inputs[kind]) for kind, word in zip("qkv", case.dims)]
    e = case.extents("o")
    poison = narrow(np.full([e[c] for c in "bhtd"], 77.0), case.dtype)
    output = case.tensor("o", case.dims[3], poison)
    lse = np.full((case.b, case.hq, case.tq), 77.0, np.float32)
    positions = case.k_pos.astype(np.int32)
    arrays = tensors + [output, lse]
    after = [positions, case.angles, case.oangles] + [case.extra[name] for name in REGIONS[case.region][2]]
    memrefs = [descriptor(a) for a in arrays + after]
    refs = [ctypes.byref(m) for m in memrefs]
    library._mlir_ciface_attention(*refs[:5], ctypes.c_int64(case.offset), *refs[5:])
    back = output.transpose([case.dims[3].index(c) for c in "bhtd"])
    return widen(np.ascontiguousarray(back), case.dtype), lse


def check(number):
    case = Case(number)
    case.prepare()
    library = build(case, f"{TMP}/case{number}")
    o, lse = execute(case, library)
    want, want_lse, largest, top_value = case.expected()
    bound = (1e-5 * (1 + largest) + EPSILON[case.dtype]) * max(top_value, 1.0)
    error = np.max(np.abs(o - want), initial=0.0)
    ok = np.isfinite(o).all() and error <= bound
    if case.lse:
        with np.errstate(invalid="ignore"):
            off = np.where(lse == want_lse, 0.0, np.abs(lse - want_lse))
        ok = ok and np.max(off, initial=0.0) <= 1e-5 * (1 + largest)
    else:
        ok = ok and (lse == 77.0).all()
    if not ok:
        print(f"case {number}: error {error:.3e}, bound {bound:.3e}:", {k: v for k, v in vars(case).items() if not isinstance(v, (dict, np.ndarray, np.random.Generator))})
    return ok


if __name__ == "__main__":
    os.makedirs(TMP, exist_ok=True)
    failed = [n for n in range(CASES) if not check(n)]
    print(f"{CASES - len(failed)} of {CASES} cases agree (seed {SEED})")
    sys.exit(1 if failed else 0)
