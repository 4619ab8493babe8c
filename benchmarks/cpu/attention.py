"""Attention on this machine's processor: posenc, PyTorch and the matrix product
that bounds both.

    POSENC_BIN=build/bin python3 benchmarks/cpu/attention.py --out results.json

needs PyTorch; FlexAttention needs a C++ compiler, the plot matplotlib. All
contenders of a case take turns in this process, the fastest turn counts.
"""
import argparse
import datetime
import importlib.util
import json
import os
import platform
import re
import sys
import time

os.environ.setdefault("KMP_BLOCKTIME", "0")  # threads that wait must not slow the next contender

import torch  # noqa: E402

import cases  # noqa: E402
import kernels  # noqa: E402
import peers  # noqa: E402


def fastest(function, seconds):
    """The shortest of as many calls as fit, at least two."""
    best, end, calls = float("inf"), time.perf_counter() + seconds, 0
    while calls < 2 or time.perf_counter() < end:
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
        calls += 1
    return best


def take_turns(contenders, rounds, seconds):
    for function in contenders.values():
        function()
    times = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, function in contenders.items():
            times[name] = min(times[name], fastest(function, seconds))
    return times


class Ours:
    """One kernel serves all lengths of a case."""

    def __init__(self):
        self.kernels = {}
        self.compile_seconds = {}

    def get(self, case):
        key = (case.bias, case.window, case.dtype, case.heads, case.kv_heads, case.size,
               case.rotated, case.length)
        if key not in self.kernels:
            start = time.perf_counter()
            self.kernels[key] = kernels.Kernel(kernels.module(*key))
            self.compile_seconds[key] = time.perf_counter() - start
        return self.kernels[key]


def check(case, ours, q, k, v, captured):
    """The largest error against float64, with what the tests allow for it."""
    if case.queries * case.keys * case.heads * case.batch > 1 << 26:
        return None
    mask = peers.build_mask(case, captured)
    q64, k64, v64 = (x.double() for x in (q, k, v))
    if case.rotated:
        cos, sin = (x.double() for x in captured[-2:])
        q64, k64 = peers.rotate(q64, cos, sin), peers.rotate(k64, cos, sin)
    mask = None if mask is None else mask.double()
    expected = peers.sdpa(q64, k64, v64, attn_mask=mask, enable_gqa=case.heads != case.kv_heads)
    error = (ours(q, k, v, *captured).double() - expected).abs().max().item()
    limit = 1e-2 if case.dtype != torch.float32 else 1e-4
    if not error <= limit:
        sys.exit(f"{case.name}: off by {error}")
    return error


def measure(case, ours, options):
    q, k, v, captured = case.tensors()
    kernel = ours.get(case)
    error = check(case, kernel, q, k, v, captured)
    contenders = {"posenc": kernel.prepare(q, k, v, *captured)}
    for name, build in peers.PEERS.items():
        if name == "flex" and not options.flex:
            continue
        function = build(case, q, k, v, captured)
        if function:
            contenders[name] = function
    a, b = (torch.randn(2048, 2048) for _ in range(2))
    contenders["sgemm"] = lambda: torch.mm(a, b)
    times = take_turns(contenders, options.rounds, options.seconds)
    sgemm = 2 * 2048**3 / times.pop("sgemm") / 1e9
    return {"case": case.name, "group": case.group, "bias": case.bias,
            "queries": case.queries, "size": case.size, "causal": case.window[1] == 0,
            "flops": case.flops, "bytes": 2 * k.numel() * k.element_size(), "error": error,
            "sgemm_gflops": round(sgemm, 1), "load": os.getloadavg()[0],
            "seconds": {name: t for name, t in times.items()},
            "gflops": {name: round(case.flops / t / 1e9, 1) for name, t in times.items()}}


def read_bandwidth():
    """Bytes a second that a sum over much memory reads."""
    x = torch.ones(1 << 26)
    return x.numel() * x.element_size() / fastest(x.sum, 1.0)


def describe_cpu():
    with open("/proc/cpuinfo") as file:
        names = re.findall(r"model name\s*:\s*(.*)", file.read())
    return names[0] if names else platform.processor()


def row_of(result):
    ours = result["gflops"]["posenc"]
    columns = [f"{ours:8.1f}", f"{ours / result['sgemm_gflops']:6.2f}"]
    for name in peers.PEERS:
        t = result["seconds"].get(name)
        columns.append(f"{t / result['seconds']['posenc']:8.2f}" if t else " " * 8)
    return f"{result['case']:58}" + " ".join(columns)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="regular expression on the names of cases")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=0.15, help="of a turn")
    parser.add_argument("--flex", action="store_true", help="FlexAttention too: compiles for minutes")
    parser.add_argument("--out", help="where to write JSON; a plot goes beside it")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    header = ["GFLOP/s", "/sgemm"] + list(peers.PEERS)
    print(f"{'':58}{'  '.join(header)}   (the peers: times ours is faster)", flush=True)
    ours, results = Ours(), []
    for case in cases.all_cases():
        if re.search(options.only, case.name):
            results.append(measure(case, ours, options))
            print(row_of(results[-1]), flush=True)
    absent = [name for name in ("onnxruntime", "iree") if not importlib.util.find_spec(name)]
    report = {"cpu": describe_cpu(), "date": datetime.date.today().isoformat(),
              "threads": options.threads, "torch": torch.__version__,
              "read_gbytes_per_second": round(read_bandwidth() / 1e9, 1), "not_here": absent,
              "compile_seconds_max": max(ours.compile_seconds.values(), default=None),
              "results": results}
    if options.out:
        with open(options.out, "w") as file:
            json.dump(report, file, indent=1)
        if importlib.util.find_spec("matplotlib"):
            import plot
            plot.draw(report, os.path.splitext(options.out)[0] + ".png")


if __name__ == "__main__":
    main()
