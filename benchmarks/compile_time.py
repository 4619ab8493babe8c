#!/usr/bin/env python3
"""Measures how long the compiler takes, and checks the limits it promises.

    compile_time.py BIN MODELS [--layers N] [--case NAME/FORM] [--chip CHIP] [--repeat N] [--json] [--report-only]

BIN is the folder of the tools, MODELS that of the unpacked model cases
(build/bin and build/models). Limits:

  * raising and fusing are linear in the number of layers: 2N layers take at
    most 2.5 times what N take (N = 200; a module of N copies of a case's layer,
    each fed by the one before). From 100 layers to 200 the instructions double
    and the time does not: the module outgrows a cache there, for every pass;
  * one attention goes from IR to PTX in less than 1 s, the start of the process
    included.

Exit code 1 if a limit is exceeded.
"""
import argparse
import json
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

MAX_RATIO = 2.5
MAX_PTX_SECONDS = 1.0

# T5's bias, a causal mask, and dynamic lengths: nothing is known but the head size.
ATTENTION = """
func.func @main(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>,
                %table: tensor<32x8xf16>, %init: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %o = posenc.attention scale(0.125)
      ins(%q, %k, %v : tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>)
      outs(%init : tensor<?x8x?x64xf16>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %1 = posenc.bias_table %s, %table[%h] at(%i, %j)
        bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = false> : tensor<32x8xf16>
    %2 = posenc.mask %1 at(%i, %j) <causal>
    posenc.yield %2 : f32
  }
  return %o : tensor<?x8x?x64xf16>
}
"""


def stack(text, layers):
    """A module whose @main applies the layer of `text`'s @main `layers` times."""
    start = text.index("func.func @main(")
    body_start = text.index("{\n", text.index("->", start)) + 2
    body_end = text.rindex("    return ", 0, text.index("{-#") if "{-#" in text else len(text))
    head, body, tail = text[:body_start], text[body_start:body_end], text[body_end:]
    result = re.match(r"\s*return (%\w+)", tail)[1]
    value = re.compile(r"%(?=\w)")
    copies, previous = [], "%arg0"
    for layer in range(layers):
        copy = value.sub(f"%l{layer}_", body)
        copies.append(copy.replace(f"%l{layer}_arg0", previous))
        previous = f"%l{layer}_{result[1:]}"
    return head + "".join(copies) + tail.replace(result, previous, 1)


class Timer:
    def __init__(self, tools, repeat):
        self.opt = str(pathlib.Path(tools, "posenc-opt"))
        self.repeat = repeat

    def run(self, *args, processor=False):
        """The best of several runs, in seconds: on the clock, or of processor time, which other
        programs on the machine disturb less."""
        times = []
        for _ in range(self.repeat):
            # getrusage counts microseconds; os.times() only ticks of 10 ms.
            start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            process = subprocess.run([self.opt, *map(str, args)], capture_output=True, text=True)
            clock, now = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = now.ru_utime - used.ru_utime + now.ru_stime - used.ru_stime
            times.append(spent if processor else clock)
            if process.returncode:
                sys.exit(f"error: posenc-opt {' '.join(map(str, args))}\n{process.stderr[-2000:]}")
        return min(times)


def time_layers(timer, case, layers, folder):
    """Processor seconds for raising and for fusing, without parsing and printing."""
    stacked, raised = folder / f"{layers}.mlir", folder / f"{layers}-raised.mlir"
    stacked.write_text(stack(case.read_text(), layers))
    out = ["-o", "/dev/null", "--mlir-disable-threading"]
    parse = timer.run(stacked, *out, processor=True)
    both = timer.run(stacked, "--posenc-raise", "--posenc-quiet", *out, processor=True)
    subprocess.run([timer.opt, stacked, "--posenc-raise", "--posenc-quiet", "-o", raised], check=True)
    found = raised.read_text().count("posenc.attention")
    if found != layers:
        sys.exit(f"error: expected {layers} raised layers but got {found}")
    parse_raised = timer.run(raised, *out, processor=True)
    fused = timer.run(raised, "--posenc-fuse", *out, processor=True)
    return max(both - parse, 1e-3), max(fused - parse_raised, 1e-3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("--layers", type=int, default=200)
    parser.add_argument("--case", default="t5_encoder/linalg")
    parser.add_argument("--chip", default="sm_90a")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--report-only", action="store_true", help="exit code 0 whatever the times are")
    args = parser.parse_args()
    timer = Timer(args.bin, args.repeat)
    case = args.models / f"{args.case}.mlir"

    with tempfile.TemporaryDirectory(prefix="posenc-") as folder:
        folder = pathlib.Path(folder)
        small = time_layers(timer, case, args.layers, folder)
        large = time_layers(timer, case, 2 * args.layers, folder)
        attention = folder / "attention.mlir"
        attention.write_text(ATTENTION)
        ptx = timer.run(attention, f"--posenc-nvvm-pipeline=chip={args.chip} format=ptx", "-o", "/dev/null")

    report = {"ptx_s": round(ptx, 3)}
    failed = ptx >= MAX_PTX_SECONDS
    for name, one, two in zip(("raise", "fuse"), small, large):
        # Below a twentieth of a second a ratio measures the machine.
        failed |= two > 0.05 and two > MAX_RATIO * one
        report[name] = {f"{args.layers}_layers_s": round(one, 3), f"{2 * args.layers}_layers_s": round(two, 3),
                        "ratio": round(two / one, 2)}
    report["holds"] = not failed
    if args.json:
        print(json.dumps(report))
    else:
        for name in ("raise", "fuse"):
            print(f"posenc-{name}: " + ", ".join(f"{k} {v}" for k, v in report[name].items())
                  + f" (limit {MAX_RATIO})")
        print(f"IR to PTX, one attention, {args.chip}: {ptx:.3f} s (limit {MAX_PTX_SECONDS})")
    return 1 if failed and not args.report_only else 0


if __name__ == "__main__":
    sys.exit(main())
