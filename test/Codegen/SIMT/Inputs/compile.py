# Usage: compile.py CHIP [key=value...]
# Writes attention with a T5-like bias as memref IR, compiles its SIMT kernel to
# PTX or GCN assembly with posenc-opt and prints that text. With `--check`, feeds it
# to ptxas or links it with lld, and prints registers, spills and scratch.
import os
import re
import subprocess
import sys
import tempfile


def attention(dtype="f32", d="64", dv=None, bias="1", lse="0", tq="?", rotate="0"):
    dv = dv or d
    q, k = f"memref<2x4x{tq}x{d}x{dtype}>", f"memref<2x4x?x{d}x{dtype}>"
    v, o = f"memref<2x4x?x{dv}x{dtype}>", f"memref<2x4x{tq}x{dv}x{dtype}>"
    l, t, a = f"memref<2x4x{tq}xf32>", "memref<32x4xf32>", f"memref<?x{int(d) // 2}xf32>"
    outs = ("%o, %l", f"{o}, {l}") if lse == "1" else ("%o", o)
    rows = "".join(f"""
    {name}(%row, %b, %h, %t) {{
      %y = posenc.rotate %row at(%b, %t) by(%angles) half : !posenc.row, {a}
      posenc.yield %y : !posenc.row
    }}""" for name in ("q_rows", "k_rows")) if rotate == "1" else ""
    score = f"""
    score(%s, %b, %h, %m, %n) {{
      %i = posenc.q_pos : index
      %j = posenc.k_pos : index
      %1 = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, k_minus_q, left = 15, right = 16> : {t}
      posenc.yield %1 : f32
    }}""" if bias == "1" else ""
    return f"""func.func @attention(%q: {q}, %k: {k}, %v: {v}, %table: {t}, %angles: {a}, %o: {o}, %l: {l}) {{
  posenc.attention scale(0.125) ins(%q, %k, %v : {q}, {k}, {v}) outs({outs[0]} : {outs[1]}){rows}{score}
  return
}}
"""


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr[:4000]}")
    return done.stdout + done.stderr


def assembly(chip, ir):
    nvidia = chip.startswith("sm_")
    target = "nvvm" if nvidia else "rocdl"
    convert = "convert-gpu-to-nvvm" if nvidia else f"convert-gpu-to-rocdl{{chipset={chip} runtime=HIP}}"
    last = ",convert-nvvm-to-llvm" if nvidia else ""
    pipeline = (
        f"builtin.module(posenc-attention-to-gpu{{chip={chip}}},canonicalize,cse,"
        f"gpu.module(posenc-expand-math{{target={target}}},convert-scf-to-cf,{convert},"
        f"posenc-apply-loop-annotations,reconcile-unrealized-casts,canonicalize,cse{last}),"
        f"{target}-attach-target{{chip={chip} O=3}},gpu-module-to-binary{{format=isa}})"
    )
    out = run(["posenc-opt", f"--pass-pipeline={pipeline}"], ir)
    text = re.search(r'assembly = "((?:[^"\\]|\\.)*)"', out).group(1)
    unescape = lambda m: chr(int(m.group(1), 16)) if m.group(1) else m.group(0)[1]
    return re.sub(r'\\([0-9A-F]{2})|\\[\\"]', unescape, text).rstrip("\0")


def check(chip, text):
    with tempfile.TemporaryDirectory() as folder:
        source, binary = os.path.join(folder, "kernel.s"), os.path.join(folder, "kernel.o")
        with open(source, "w") as f:
            f.write(text)
        if chip.startswith("sm_"):
            return run(["ptxas", "-v", f"-arch={chip}", source, "-o", binary])
        run(["llvm-mc", "-triple=amdgcn-amd-amdhsa", f"-mcpu={chip}", "-filetype=obj", source, "-o", binary])
        run(["ld.lld", "-shared", binary, "-o", binary + ".hsaco"])
        return run(["llvm-readelf", "--notes", binary + ".hsaco"])


if __name__ == "__main__":
    arguments = sys.argv[1:]
    checking = "--check" in arguments
    chip, *options = [a for a in arguments if a != "--check"]
    text = assembly(chip, attention(**dict(o.split("=") for o in options)))
    print(check(chip, text) if checking else text)
