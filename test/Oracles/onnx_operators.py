# REQUIRES: oracles
# RUN: %python %s
"""ONNX's operators RotaryEmbedding and Attention in its reference evaluator, and ONNX Runtime's operators beside them."""

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from posenc_testing.recording import case, main

OPSETS = [helper.make_opsetid("", 24), helper.make_opsetid("com.microsoft", 1)]


def evaluate(operator, inputs, domain="", outputs=1, **attributes):
    """One operator on named inputs (None: left out), by both evaluators; they must agree."""
    arrays = {name: np.asarray(value) for name, value in inputs.items() if value is not None}
    names = ["" if value is None else name for name, value in inputs.items()]
    while not names[-1]:
        names.pop()
    results = ["r%d" % i for i in range(outputs)]
    node = helper.make_node(operator, names, results, domain=domain, **attributes)
    declared = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in arrays.items()]
    graph = helper.make_graph([node], "one", declared, [
        helper.make_tensor_value_info(r, TensorProto.FLOAT, None) for r in results[:1]])
    model = helper.make_model(graph, opset_imports=OPSETS, ir_version=10)
    got = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(results[:1], arrays)[0]
    if not domain:
        want = ReferenceEvaluator(model).run(results[:1], arrays)[0]
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5, err_msg=operator)
        got = want
    return torch.from_numpy(np.array(got))


def caches(count=40, pairs=4):
    angles = np.arange(count)[:, None] * 10000.0 ** (-np.arange(pairs) / pairs)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


@case("RotaryEmbedding-23, halves, half of the channels; ONNX Runtime agrees")
def rotary(rng):
    q, positions, (cos, sin) = rng.normal(1, 2, 19, 16), torch.arange(19)[None] + 5, caches()
    out = evaluate("RotaryEmbedding", dict(x=q, cos=cos, sin=sin, positions=positions), rotary_embedding_dim=8)
    return dict(q=q, positions=positions, cos=torch.tensor(cos), sin=torch.tensor(sin), out=out)


@case("RotaryEmbedding-23, interleaved, no position ids; ONNX Runtime agrees")
def rotary_interleaved(rng):
    q, (cos, sin) = rng.normal(1, 2, 19, 8), caches(19)
    out = evaluate("RotaryEmbedding", dict(x=q, cos=cos[None], sin=sin[None]), interleaved=1)
    return dict(q=q, cos=torch.tensor(cos), sin=torch.tensor(sin), out=out)


def attention(rng, mask=None, queries=9, keys=17, count=4, kv=2, **attributes):
    q, k, v = (rng.normal(1, h, t, 8) for h, t in ((count, queries), (kv, keys), (kv, keys)))
    out = evaluate("Attention", dict(q=q, k=k, v=v, mask=mask), **attributes)
    return dict(q=q, k=k, v=v, out=out)


@case("Attention-24, grouped heads, an additive mask of heads, queries and keys; ONNX Runtime agrees")
def attention_bias(rng):
    bias = rng.normal(1, 4, 9, 17)
    return dict(attention(rng, bias), bias=bias)


@case("Attention-24, softcap before the mask; ONNX Runtime agrees")
def attention_softcap(rng):
    bias = rng.normal(1, 1, 9, 17)
    return dict(attention(rng, bias, softcap=1.5), bias=bias)


@case("Attention-24, is_causal, equal lengths; ONNX Runtime agrees")
def attention_causal(rng):
    return attention(rng, queries=13, keys=13, is_causal=1)


@case("com.microsoft GroupQueryAttention of ONNX Runtime: attention_bias, head_sink and softcap")
def group_query_attention(rng):
    length, count, kv, width = 11, 4, 2, 8
    q, k, v = (rng.normal(1, length, h * width) for h in (count, kv, kv))
    bias, sinks = rng.normal(1, count, length, length), rng.normal(count)
    past = np.zeros((1, kv, 0, width), np.float32)
    out = evaluate("GroupQueryAttention", dict(
        q=q, k=k, v=v, past_key=past, past_value=past, seqlens=np.array([length - 1], np.int32),
        total=np.array(length, np.int32), cos=None, sin=None, positions=None, bias=bias, sinks=sinks),
        domain="com.microsoft", outputs=3, num_heads=count, kv_num_heads=kv, softcap=2.0)
    split = [x.reshape(1, length, -1, width).transpose(1, 2) for x in (q, k, v, out)]
    return dict(zip("qkv", split), out=split[3], bias=bias, sinks=sinks)


main("onnx")
