"""What is measured: shapes, biases and the work that they are."""
import dataclasses
import math

import torch

FULL, CAUSAL = (None, None), (None, 0)


@dataclasses.dataclass(frozen=True)
class Case:
    """Attention of `batch` × `heads` × `queries` × `size` over `keys`. `window` =
    (left, right) distances, each None for no bound; `length` is the extent that the
    kernel is compiled for, `?` for all."""
    group: str
    bias: str = "none"
    queries: int = 1024
    keys: int = 0
    size: int = 64
    batch: int = 1
    heads: int = 8
    kv_heads: int = 0
    window: tuple = FULL
    dtype: torch.dtype = torch.float32
    rotated: bool = False
    length: str = "?"

    def __post_init__(self):
        object.__setattr__(self, "keys", self.keys or self.queries)
        object.__setattr__(self, "kv_heads", self.kv_heads or self.heads)

    @property
    def name(self):
        kind = str(self.dtype).replace("torch.", "")
        left, right = self.window
        mask = "" if self.window == FULL else f" causal {left}" if left else " causal"
        rope = " rope" if self.rotated else ""
        lengths = f"{self.queries}" if self.queries == self.keys else f"{self.queries}x{self.keys}"
        heads = f"{self.heads}" if self.heads == self.kv_heads else f"{self.heads}/{self.kv_heads}"
        return f"{self.group}: {self.bias}{mask}{rope} {kind} {self.batch}x{heads}x{lengths}x{self.size}"

    @property
    def flops(self):
        """Of the scores that no mask hides."""
        left, right = self.window
        left = math.inf if left is None else left
        right = math.inf if right is None else right
        pairs = sum(max(0, min(self.keys - 1, m + right) - max(0, m - left) + 1)
                    for m in range(self.queries))
        return 4 * self.batch * self.heads * self.size * pairs

    def tensors(self):
        random = torch.Generator().manual_seed(0)

        def normal(*shape):
            return torch.randn(*shape, generator=random)
        q = normal(self.batch, self.heads, self.queries, self.size).to(self.dtype)
        k, v = (normal(self.batch, self.kv_heads, self.keys, self.size).to(self.dtype)
                for _ in range(2))
        side = int(self.bias[4:]) if self.bias.startswith("swin") else 0
        tables = {"t5": (32, self.heads), "clip": (33, self.heads), "alibi": (self.heads,),
                  "dense": (self.heads, self.queries, self.keys)}
        shape = ((2 * side - 1)**2, self.heads) if side else tables.get(self.bias)
        captured = [normal(*shape)] if shape else []
        if self.bias == "alibi":
            captured = [torch.tensor([2.0**(-8 * (h + 1) / self.heads) for h in range(self.heads)])]
        if self.rotated:
            angles = (torch.arange(self.keys)[:, None] *
                      10000.0**(-torch.arange(self.size // 2) / (self.size // 2)))
            captured += [angles.cos(), angles.sin()]
        return q, k, v, captured


def all_cases():
    lengths, sizes = (1024, 2048, 4096, 8192), (64, 128)
    cases = []
    for size in sizes:
        for n in lengths:
            # The longest take seconds each: without a bias and with one.
            for bias in ("none", "t5", "alibi", "clip") if n < 8192 else ("none", "t5"):
                for window in FULL, CAUSAL:
                    cases.append(Case("long", bias, n, size=size, window=window))
    for bias in "none", "t5":
        cases.append(Case("window", bias, 8192, window=(1023, 0)))
    cases += [Case("dense", "dense", 2048, size=size) for size in sizes]
    for n in 1024, 4096:
        for bias in "none", "t5", "alibi", "clip":
            cases.append(Case("bf16", bias, n, dtype=torch.bfloat16))
    cases += [Case("rope", "none", n, size=size, rotated=rotated)
              for size in sizes for n in (1024, 4096) for rotated in (False, True)]
    for side, windows in (7, 64), (8, 64), (16, 64), (32, 16):
        cases.append(Case("swin", f"swin{side}", side * side, size=32, batch=windows,
                          length=str(side * side)))
    cases += [Case("short", "clip", n, batch=64) for n in (32, 64, 128)]
    for dtype in torch.float32, torch.bfloat16:
        for heads in 8, 32:
            cases.append(Case("decode", "none", 1, 32768, size=128, heads=heads, kv_heads=8,
                              dtype=dtype))
    return cases
