"""The same attention by PyTorch: each function takes a case and its tensors and
gives a function without arguments, or None where there is nothing to compare."""
import torch
from torch.nn.functional import scaled_dot_product_attention as sdpa


def distances(case):
    return torch.arange(case.keys)[None, :] - torch.arange(case.queries)[:, None]


def t5_rows(distance):
    """Rows of a bidirectional T5 table of 32 buckets up to 128."""
    away = distance.abs()
    far = 8 + (torch.log(away.clamp(min=1) / 8.0) / torch.log(torch.tensor(16.0)) * 8).long()
    return (distance > 0) * 16 + torch.where(away < 8, away, far.clamp(max=15))


def build_bias(case, captured):
    """The dense bias [1, H, M, N] as a library builds it from its table; None
    without one."""
    distance = distances(case)
    if case.bias == "t5":
        return captured[0][t5_rows(distance)].permute(2, 0, 1)[None]
    if case.bias == "clip":
        return captured[0][distance.clamp(-16, 16) + 16].permute(2, 0, 1)[None]
    if case.bias == "alibi":
        return (-captured[0][:, None, None] * distance.abs())[None]
    if case.bias == "dense":
        return captured[0][None]
    if case.bias.startswith("swin"):
        side = int(case.bias[4:])
        at = torch.arange(side * side)
        down = (at // side)[:, None] - (at // side)[None, :] + side - 1
        right = (at % side)[:, None] - (at % side)[None, :] + side - 1
        return captured[0][down * (2 * side - 1) + right].permute(2, 0, 1)[None]
    return None


def build_mask(case, captured):
    """Bias and window as one mask that is added."""
    bias = build_bias(case, captured)
    left, right = case.window
    if (left, right) == (None, None):
        return bias
    distance = distances(case)
    hidden = torch.zeros_like(distance, dtype=torch.bool)
    if right is not None:
        hidden |= distance > right
    if left is not None:
        hidden |= -distance > left
    if bias is None:
        bias = torch.zeros(1, 1, case.queries, case.keys)
    return bias.masked_fill(hidden, float("-inf"))


def rotate(x, cos, sin):
    """As transformers does: the half layout, in x's type."""
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], -1)
    return x * torch.cat([cos, cos], -1).to(x.dtype) + turned * torch.cat([sin, sin], -1).to(x.dtype)


def without_bias(case, q, k, v, captured):
    causal = case.window[1] == 0
    grouped = case.heads != case.kv_heads
    return lambda: sdpa(q, k, v, is_causal=causal, enable_gqa=grouped)


def with_prebuilt_bias(case, q, k, v, captured):
    if case.bias == "none" and case.window[0] is None:
        return None
    mask = build_mask(case, captured)
    mask = mask.to(q.dtype).contiguous()
    return lambda: sdpa(q, k, v, attn_mask=mask)


def with_bias_per_call(case, q, k, v, captured):
    # Seconds a call beyond.
    if case.bias in ("none", "dense") or case.queries > 4096:
        return None
    return lambda: sdpa(q, k, v, attn_mask=build_mask(case, captured).to(q.dtype))


def with_rotation(case, q, k, v, captured):
    if not case.rotated:
        return None
    cos, sin = captured[-2:]
    return lambda: sdpa(rotate(q, cos, sin), rotate(k, cos, sin), v)


def flex(case, q, k, v, captured):
    """FlexAttention compiled for this shape alone: after another one it silently
    falls back to something slower."""
    if case.group != "long" or case.bias not in ("none", "t5", "alibi") or case.queries > 4096:
        return None
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention
    torch._dynamo.reset()
    table = captured[0] if captured else None

    def modify(score, b, h, m, n):
        if case.bias == "t5":
            return score + table[t5_rows(n - m), h]
        return score - table[h] * (n - m).abs()
    block_mask = None
    if case.window[1] == 0:
        block_mask = create_block_mask(lambda b, h, m, n: n <= m, None, None, case.queries,
                                       case.keys, device="cpu")
    compiled = torch.compile(flex_attention, dynamic=False)
    score_mod = modify if table is not None else None
    return lambda: compiled(q, k, v, score_mod=score_mod, block_mask=block_mask)


PEERS = {"sdpa": without_bias, "sdpa prebuilt": with_prebuilt_bias,
         "sdpa per call": with_bias_per_call, "rope and sdpa": with_rotation, "flex": flex}
