# RUN: %python %s %t

"""Content × relative terms in the ways that libraries compute them, and near misses.

Each is run raised and as it is, on random numbers, and has to give one result. What is
raised is looked at, too: how many rel_dot there are and which rows they name, and whether
anything that the module computes by query and key is left (`--posenc-verify-fused`).
"""

import re
import subprocess
import sys

import numpy as np

scratch = sys.argv[1]
B, H, T, D = 2, 3, 12, 8
LENGTH = 19  # of dynamic lengths

MAPS = """
#q = affine_map<(b, h, m, n, d) -> (b, h, m, d)>
#k = affine_map<(b, h, m, n, d) -> (b, h, n, d)>
#s = affine_map<(b, h, m, n, d) -> (b, h, m, n)>
#mnd = affine_map<(b, h, m, n, d) -> (m, n, d)>
#bmnd = affine_map<(b, h, m, n, d) -> (b, m, n, d)>
#hmnd = affine_map<(b, h, m, n, d) -> (h, m, n, d)>
#nd = affine_map<(b, h, m, n, d) -> (n, d)>
#hnd = affine_map<(b, h, m, n, d) -> (h, n, d)>
#qg = affine_map<(b, h, m, n, d) -> (b, d, m, h)>
#tg = affine_map<(b, h, m, n, d) -> (m, n, h)>
#id = affine_map<(b, h, m, n) -> (b, h, m, n)>
#row = affine_map<(b, h, m, n) -> (b, h, m)>
"""


def fill(text, dynamic):
    """Puts the lengths into a text: T is the sequence, R = 2 T − 1."""
    sizes = {"B": B, "H": H, "D": D, "T": "?" if dynamic else T, "R": "?" if dynamic else 2 * T - 1}
    text = re.sub(r"<([BHDTR0-9x]+)x(f32|i64|bf16)>", lambda m: "<" + "x".join(
        str(sizes.get(e, e)) for e in m[1].split("x")) + f"x{m[2]}>", text)
    # A tensor.empty names its dynamic sizes.
    text = re.sub(r"tensor\.empty\{(.*?)\}", lambda m: f"tensor.empty({m[1] if dynamic else ''})", text)
    return text


def module(arguments, code, dynamic=False, after=""):
    """An attention whose scores %x are made from %s = q · k by `code`."""
    names = ", ".join(f"{name}: {type_}" for name, type_ in arguments)
    return fill(MAPS + f"""
func.func @main(%q: tensor<BxHxTxDxf32>, %k: tensor<BxHxTxDxf32>, %v: tensor<BxHxTxDxf32>{", " if names else ""}{names}) -> tensor<BxHxTxDxf32> {{
  %zero = arith.constant 0.0 : f32
  %ninf = arith.constant 0xFF800000 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %T = tensor.dim %q, %c2 : tensor<BxHxTxDxf32>
  %R0 = arith.muli %T, %c2 : index
  %R = arith.subi %R0, %c1 : index
  %e4 = tensor.empty{{%T, %T}} : tensor<BxHxTxTxf32>
  %e3 = tensor.empty{{%T}} : tensor<BxHxTxf32>
  %eo = tensor.empty{{%T}} : tensor<BxHxTxDxf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<BxHxTxTxf32>) -> tensor<BxHxTxTxf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<BxHxTxf32>) -> tensor<BxHxTxf32>
  %n3 = linalg.fill ins(%ninf : f32) outs(%e3 : tensor<BxHxTxf32>) -> tensor<BxHxTxf32>
  %zo = linalg.fill ins(%zero : f32) outs(%eo : tensor<BxHxTxDxf32>) -> tensor<BxHxTxDxf32>
  %s = linalg.contract indexing_maps = [#q, #k, #s] ins(%q, %k : tensor<BxHxTxDxf32>, tensor<BxHxTxDxf32>) outs(%z4 : tensor<BxHxTxTxf32>) -> tensor<BxHxTxTxf32>
{code}
  %max = linalg.reduce {{ arith.maximumf }} ins(%x : tensor<BxHxTxTxf32>) outs(%n3 : tensor<BxHxTxf32>) dimensions = [3]
  %e = linalg.generic {{indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins(%x, %max : tensor<BxHxTxTxf32>, tensor<BxHxTxf32>) outs(%e4 : tensor<BxHxTxTxf32>) {{
  ^bb0(%in: f32, %top: f32, %out: f32):
    %1 = arith.subf %in, %top : f32
    %2 = math.exp %1 : f32
    linalg.yield %2 : f32
  }} -> tensor<BxHxTxTxf32>
  %sum = linalg.reduce {{ arith.addf }} ins(%e : tensor<BxHxTxTxf32>) outs(%z3 : tensor<BxHxTxf32>) dimensions = [3]
  %p0 = linalg.generic {{indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins(%e, %sum : tensor<BxHxTxTxf32>, tensor<BxHxTxf32>) outs(%e4 : tensor<BxHxTxTxf32>) {{
  ^bb0(%in: f32, %total: f32, %out: f32):
    %y = arith.divf %in, %total : f32
    linalg.yield %y : f32
  }} -> tensor<BxHxTxTxf32>
{after or RENAME.format(to="p", source="p0")}
  %o = linalg.contract indexing_maps = [#s, #k, #q] ins(%p, %v : tensor<BxHxTxTxf32>, tensor<BxHxTxDxf32>) outs(%zo : tensor<BxHxTxDxf32>) -> tensor<BxHxTxDxf32>
  return %o : tensor<BxHxTxDxf32>
}}
""", dynamic)


RENAME = """  %{to} = linalg.generic {{indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins(%{source} : tensor<BxHxTxTxf32>) outs(%e4 : tensor<BxHxTxTxf32>) {{
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }} -> tensor<BxHxTxTxf32>"""


def combine(result, tensors, body):
    """An element-wise op over scores: arguments %a0, %a1, …; the result %r."""
    names = ", ".join(f"%{t}" for t in tensors)
    types = ", ".join(["tensor<BxHxTxTxf32>"] * len(tensors))
    args = ", ".join(f"%a{i}: f32" for i in range(len(tensors)))
    maps = ", ".join(["#id"] * (len(tensors) + 1))
    return f"""  %{result} = linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins({names} : {types}) outs(%e4 : tensor<BxHxTxTxf32>) {{
  ^bb0({args}, %out: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %m = linalg.index 2 : index
    %n = linalg.index 3 : index
{body}
    linalg.yield %r : f32
  }} -> tensor<BxHxTxTxf32>"""


ADD = combine("x", ["s", "u"], "    %r = arith.addf %a0, %a1 : f32")


def gathered(table, row, result="g", heads=False):
    """table[row(m, n), …, d] for every pair, as advanced indexing gives it."""
    rank, lead = (4, "Hx") if heads else (3, "")
    head = "    %h = linalg.index 0 : index\n" if heads else ""
    iterators = ", ".join(['"parallel"'] * rank)
    type_ = f"tensor<{lead}TxTxDxf32>"
    at = "%row, %h, %d" if heads else "%row, %d"
    return f"""  %e{result} = tensor.empty{{%T, %T}} : {type_}
  %{result} = linalg.generic {{indexing_maps = [affine_map<({", ".join("abcd"[:rank])}) -> ({", ".join("abcd"[:rank])})>], iterator_types = [{iterators}]}} outs(%e{result} : {type_}) {{
  ^bb0(%out: f32):
{head}    %m = linalg.index {rank - 3} : index
    %n = linalg.index {rank - 2} : index
    %d = linalg.index {rank - 1} : index
{row}
    %r = tensor.extract %{table[0]}[{at}] : {table[1]}
    linalg.yield %r : f32
  }} -> {type_}"""


CLIP = """    %dist = arith.subi %n, %m : index
    %lo = arith.constant -3 : index
    %hi = arith.constant 4 : index
    %low = arith.maxsi %dist, %lo : index
    %both = arith.minsi %low, %hi : index
    %off = arith.constant 3 : index
    %row = arith.addi %both, %off : index"""
TABLE = ("%t", "tensor<8xDxf32>")


def product(rows, table, maps, result="u", types=("tensor<BxHxTxDxf32>", "tensor<TxTxDxf32>")):
    return f"""  %{result} = linalg.contract indexing_maps = [{maps}, #s] ins(%{rows}, %{table} : {", ".join(types)}) outs(%z4 : tensor<BxHxTxTxf32>) -> tensor<BxHxTxTxf32>"""


def shaw(row=CLIP, rows="q", maps="#q, #mnd", combine=ADD):
    return module([TABLE], gathered(("t", TABLE[1]), row) + "\n" + product(rows, "g", maps) + "\n" + combine)


def run(*command, fails=False):
    done = subprocess.run(command, capture_output=True, text=True)
    assert fails or done.returncode == 0, f"{' '.join(command)}: {done.stderr}{done.stdout}"
    return done


def argument(rng, type_):
    *shape, element = type_.split("x")
    shape = [LENGTH if n == "?" else int(n) for n in shape]
    if element == "i64":
        return rng.integers(0, 8, shape)
    return rng.standard_normal(shape).astype(np.float32)


def check(name, text, rel_dots=1, names=(), fused=True, attention=True):
    path, result = f"{scratch}.mlir", f"{scratch}.npy"
    with open(path, "w") as file:
        file.write(text)
    raised = run("posenc-opt", "--posenc-raise", path).stdout
    assert ("posenc.attention" in raised) == attention, f"{name}: {raised}"
    found = re.findall(r"posenc\.rel_dot .*", raised)
    assert len(found) == rel_dots, f"{name}: expected {rel_dots} rel_dot: {raised}"
    for want in names:
        assert any(re.search(want, line) for line in found), f"{name}: expected {want} in {found}"
    if attention:
        verified = run("posenc-opt", "--posenc-raise", "--posenc-verify-fused", path, fails=True)
        assert (verified.returncode == 0) == fused, f"{name}: {verified.stderr}"
    rng = np.random.default_rng(len(text))
    ins = []
    signature = re.search(r"func\.func @\w+\((.*?)\) ->", text).group(1)
    for i, type_ in enumerate(re.findall(r"tensor<([^>]*)>", signature)):
        np.save(f"{scratch}.{i}.npy", argument(rng, type_))
        ins += ["--in", f"{scratch}.{i}.npy"]
    run("posenc-run", "--raise=off", path, *ins, "--out", result)
    run("posenc-run", "--raise=on", path, *ins, "--expect", result, "--rtol=1e-4", "--atol=1e-5")
    print(name, "agrees")


def dynamic(text):
    """The same function for any length."""
    return text


CLIP_NAME = r"at\(.*\) bucket <clip, k_minus_q, left = 3, right = 4>"
check("shaw", shaw(), names=[r"%q\[|%arg0\[", CLIP_NAME])
check("rows are keys", shaw(rows="k", maps="#k, #mnd"), names=[CLIP_NAME])
