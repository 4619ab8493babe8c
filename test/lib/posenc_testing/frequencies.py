"""#posenc.freq in NumPy float64, and the cases that are compared with transformers.

Shares nothing with the compiler; see docs/Semantics.md for the formulas.
"""

import dataclasses
import math

import numpy as np


@dataclasses.dataclass
class Freq:
    """A #posenc.freq and, where the rule asks for one, a sequence length."""

    kind: str
    dim: int
    fields: dict
    length: int = None

    def attribute(self):
        return "<" + ", ".join([self.kind, "dim = %d" % self.dim] + [
            "%s = %s" % (name, self.text(value)) for name, value in self.fields.items()]) + ">"

    @staticmethod
    def text(value):
        if isinstance(value, bool):
            return str(value).lower()
        return repr(value)

    def get(self, name, default=None):
        return self.fields.get(name, default)


def magnitude(freq):
    """m, which multiplies cosines and sines."""
    factor = freq.get("factor", 1.0)
    if freq.kind not in ("yarn", "longrope"):
        return 1.0
    if freq.get("attention_factor"):
        return freq.get("attention_factor")
    if freq.kind == "longrope":
        return math.sqrt(1 + math.log(factor) / math.log(freq.get("original_length"))) if factor > 1 else 1.0

    def g(c):
        return 0.1 * c * math.log(factor) + 1 if factor > 1 else 1.0

    if freq.get("mscale"):
        return g(freq.get("mscale")) / g(freq.get("mscale_all_dim"))
    return g(1.0)


def yarn(freq, w, k):
    r, length, base = freq.dim, freq.get("original_length"), freq.get("base", 10000.0)

    def corr(turns):
        return r * math.log(length / (2 * math.pi * turns)) / (2 * math.log(base))

    low, high = corr(freq.get("beta_fast", 32.0)), corr(freq.get("beta_slow", 1.0))
    if freq.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, r - 1)
    if low == high:
        high += 0.001
    t = np.clip((k - low) / (high - low), 0, 1)
    return w / freq.get("factor") * t + w * (1 - t)


def llama3(freq, w):
    length, factor = freq.get("original_length"), freq.get("factor")
    low, high = freq.get("low_freq_factor"), freq.get("high_freq_factor")
    c = 2 * np.pi / w
    s = (length / c - low) / (high - low)
    between = (1 - s) * w / factor + s * w
    return np.where(c > length / low, w / factor, np.where(c < length / high, w, between))


def exact(freq):
    """The inverse frequencies [dim / 2] by the formula."""
    r, factor = freq.dim, freq.get("factor", 1.0)
    k = np.arange(r // 2, dtype=np.float64)
    base = freq.get("base", 10000.0)
    if freq.kind == "t2t":
        a, b = freq.get("min_timescale", 1.0), freq.get("max_timescale", 10000.0)
        return a * (b / a) ** (-k / max(r // 2 - 1, 1))
    if freq.kind == "endpoint":
        return base ** (-k / max(r // 2 - 1, 1))
    if freq.kind == "ntk":
        base *= freq.get("alpha") ** (r / (r - 2))
    if freq.kind == "dynamic_ntk":
        most = freq.get("max_position")
        alpha = factor * max(freq.length or most, most) / most - (factor - 1)
        base *= alpha ** (r / (r - 2))
    w = base ** (-2 * k / r)
    if freq.kind == "linear":
        return w / factor
    if freq.kind == "longrope":
        far = freq.length is not None and freq.length > freq.get("original_length")
        return w / np.array(freq.get("long" if far else "short"))
    if freq.kind == "proportional":
        return np.where(k < int(freq.get("proportion") * r // 2), w / factor, 0.0)
    return yarn(freq, w, k) if freq.kind == "yarn" else llama3(freq, w) if freq.kind == "llama3" else w


_SHORT = [1.0 + 0.01 * k for k in range(48)]
_LONG = [1.0 + 0.05 * k * k for k in range(48)]
_PHI = dict(factor=32.0, original_length=4096, short=_SHORT, long=_LONG)
_LLAMA3 = dict(low_freq_factor=1.0, high_freq_factor=4.0, original_length=8192)

# What transformers knows, with the parameters of released models.
LIBRARY = {
    "llama2": Freq("default", 128, {}),
    "llama3_base": Freq("default", 128, dict(base=500000.0)),
    "neox_partial": Freq("default", 24, {}),
    "linear": Freq("linear", 128, dict(factor=4.0)),
    "dynamic_short": Freq("dynamic_ntk", 128, dict(factor=10.0, max_position=2048)),
    "dynamic_long": Freq("dynamic_ntk", 128, dict(factor=10.0, max_position=2048), 16384),
    "yarn": Freq("yarn", 128, dict(factor=16.0, original_length=4096)),
    "yarn_deepseek": Freq("yarn", 64, dict(factor=40.0, original_length=4096, mscale=1.0,
                                           mscale_all_dim=0.707)),
    "yarn_gpt_oss": Freq("yarn", 64, dict(base=150000.0, factor=32.0, original_length=4096, truncate=False)),
    "yarn_clamped": Freq("yarn", 16, dict(factor=8.0, original_length=1048576, base=500.0)),
    "longrope_short": Freq("longrope", 96, _PHI, 4096),
    "longrope_long": Freq("longrope", 96, _PHI, 4097),
    "llama3_1": Freq("llama3", 128, dict(base=500000.0, factor=8.0, **_LLAMA3)),
    "llama3_2": Freq("llama3", 64, dict(base=500000.0, factor=32.0, **_LLAMA3)),
    "gemma4": Freq("proportional", 256, dict(base=1000000.0, proportion=0.25)),
}

# No oracle but the formulas.
OTHERS = {
    "ntk": Freq("ntk", 64, dict(alpha=8.0)),
    "t2t": Freq("t2t", 64, {}),
    "t2t_scales": Freq("t2t", 30, dict(min_timescale=2.0, max_timescale=300.0)),
    "t2t_one": Freq("t2t", 2, {}),
    "endpoint": Freq("endpoint", 512, {}),
}
