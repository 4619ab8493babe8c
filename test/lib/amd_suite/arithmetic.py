"""Transcendental functions, medians, dot products, conversions, hints."""

import numpy as np

from amd_suite.program import ALL, Program


def argument(wave, low, high):
    return np.random.default_rng(7).uniform(low, high, (wave, 1)).astype(np.float32)


def unary(name, wave, op, function, low, high, mnemonic, chips=ALL):
    """Within a unit of the last place of f32, as the emulator promises one rounding."""
    x = argument(wave, low, high)

    def build(k, _):
        k.store(k.value(op.format(x=k.load(0, k.lane, 0))), 1, k.lane, 0)
    with np.errstate(divide="ignore"):
        expected = function(x.astype(np.float64)).astype(np.float32)
    return Program(f"{name}_{wave}", [x], [expected], build, threads=wave, chips=chips, mnemonics={"": mnemonic})


def functions(wave):
    own = "rocdl.{} {{x}} f32 -> f32"
    intrinsic = 'llvm.call_intrinsic "llvm.amdgcn.{}.f32"({{x}}) : (f32) -> f32'
    turn = 2 * np.pi
    return [unary("exp2", wave, own.format("exp2"), np.exp2, -30, 30, "v_exp_f32"),
            unary("exp2_intrinsic", wave, intrinsic.format("exp2"), np.exp2, -30, 30, "v_exp_f32"),
            unary("log", wave, own.format("log"), np.log2, 0.01, 1000, "v_log_f32"),
            unary("rcp", wave, own.format("rcp"), lambda x: 1 / x, 0.01, 1000, "v_rcp_f32"),
            unary("rsq", wave, intrinsic.format("rsq"), lambda x: 1 / np.sqrt(x), 0.01, 1000, "v_rsq_f32"),
            unary("sqrt", wave, own.format("sqrt"), np.sqrt, 0, 1000, "v_sqrt_f32"),
            unary("fract", wave, intrinsic.format("fract"), lambda x: x - np.floor(x), -50, 50, "v_fract_f32"),
            unary("sin", wave, own.format("sin"), lambda x: np.sin(turn * x), -0.4, 0.4, "v_sin_f32"),
            unary("cos", wave, own.format("cos"), lambda x: np.cos(turn * x), -0.2, 0.2, "v_cos_f32")]


def exact(name, wave, inputs, expected, build, mnemonic, chips=ALL):
    mnemonics = mnemonic if isinstance(mnemonic, dict) else {"": mnemonic}
    return Program(f"{name}_{wave}", inputs, [expected], build, threads=wave, chips=chips, mnemonics=mnemonics)


def median(wave):
    x = argument(3 * wave, -9, 9).reshape(wave, 3)

    def build(k, _):
        a, b, c = k.registers(0)
        k.store(k.value(f"rocdl.fmed3 {a}, {b}, {c} : f32"), 1, k.lane, 0)
    return exact("fmed3", wave, [x], np.median(x, axis=1).astype(np.float32)[:, None], build,
                 {"gfx12": "v_med3_num_f32", "": "v_med3_f32"})


def pack(wave):
    """Toward zero: NumPy rounds to nearest, so the last place is cut off first."""
    x = argument(2 * wave, -9, 9).reshape(wave, 2)
    cut = (x.view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32)

    def build(k, _):
        a, b = k.registers(0)
        k.store_row(k.value(f"rocdl.cvt.pkrtz {a}, {b} : vector<2xf16>"), "vector<2xf16>", 1)
    return exact("cvt_pkrtz", wave, [x], cut.astype(np.float16).view(np.int32), build,
                 {"gfx9": "v_cvt_pkrtz_f16_f32", "": "v_cvt_pk_rtz_f16_f32"})


def dot(wave):
    random = np.random.default_rng(8)
    x = random.integers(-30, 30, (wave, 4)).astype(np.float16)
    y = random.integers(-30, 30, (wave, 4)).astype(np.float16)[:, :2]
    expected = (x[:, :2].astype(np.float32) * y.astype(np.float32)).sum(1) + x[:, 2].astype(np.float32)

    def build(k, _):
        a, b = k.row(0, "vector<2xf16>"), k.row(1, "vector<2xf16>")
        c, false = k.load(2, k.lane, 0), k.flag(False)
        k.store(k.value(f'llvm.call_intrinsic "llvm.amdgcn.fdot2"({a}, {b}, {c}, {false}) '
                        ": (vector<2xf16>, vector<2xf16>, f32, i1) -> f32"), 3, k.lane, 0)
    first = np.ascontiguousarray(x[:, :2]).view(np.int32)
    inputs = [first, np.ascontiguousarray(y).view(np.int32), x[:, 2:3].astype(np.float32)]
    return exact("fdot2", wave, inputs, expected.astype(np.float32)[:, None], build, "v_dot2",
                 ("gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1201"))


def byte_conversions(wave):
    """All bytes of fp8 and bf8 that are finite numbers, by their definition."""
    found = []
    for chip, biases in (("gfx942", (8, 16)), ("gfx950", (7, 15)), ("gfx1201", (7, 15))):
        for name, mantissa, bias in (("fp8", 3, biases[0]), ("bf8", 2, biases[1])):
            byte = np.arange(1, 1 + wave).astype(np.int32)  # All positive and finite.
            exponent, fraction = byte >> mantissa, (byte & (2**mantissa - 1)) / 2**mantissa
            number = np.where(exponent > 0, (1 + fraction) * 2.0**(exponent - bias), fraction * 2.0**(1 - bias))

            def build(k, _, name=name):
                k.store(k.value(f"rocdl.cvt.f32.{name} {k.load(0, k.lane, 0)}[2] : f32"), 1, k.lane, 0)
            found.append(exact(f"cvt_f32_{name}_{chip}", wave, [(byte << 16)[:, None]],
                               number.astype(np.float32)[:, None], build, f"v_cvt_f32_{name}", (chip,)))
    return found


def hints(wave):
    """Ops that only tell how to schedule, around an addition."""
    x = np.arange(wave, dtype=np.int32)[:, None]

    def build(k, _):
        ops = "s.setprio 1", "sched.barrier 0", "sched.group.barrier 8, 1, 0", "iglp.opt 0", "s.nop 1", "s.sleep 1"
        for op in ops:
            k.emit("rocdl." + op)
        k.store(k.add(k.load(0, k.lane, 0), k.constant(1)), 1, k.lane, 0)
        k.emit("rocdl.s.setprio 0")
    return exact("hints", wave, [x], x + 1, build, "s_setprio 1")


def counters(wave):
    """gfx12's waits."""
    x = np.arange(wave, dtype=np.int32)[:, None]

    def build(k, _):
        value = k.load(0, k.lane, 0)
        for op in ("loadcnt", "storecnt", "dscnt", "expcnt"):
            k.emit(f"rocdl.s.wait.{op} 0")
        k.store(value, 1, k.lane, 0)
    return exact("counters", wave, [x], x, build, "s_wait_storecnt 0x0", ("gfx1201",))


def programs(wave):
    return functions(wave) + [median(wave), pack(wave), dot(wave), hints(wave), counters(wave)] + byte_conversions(wave)
