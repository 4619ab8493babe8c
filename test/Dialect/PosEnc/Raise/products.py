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
#r = affine_map<(b, h, m, n, d) -> (n, h, d)>
#id = affine_map<(b, h, m, n) -> (b, h, m, n)>
#row = affine_map<(b, h, m, n) -> (b, h, m)>
"""


def fill(text, dynamic):
    """Puts the lengths into a text: T is the sequence, R = 2 T − 1."""
    sizes = {"B": B, "H": H, "D": D, "T": T, "R": 2 * T - 1, "P": 2 * T}
    if dynamic:
        sizes.update({"T": "?", "R": "?", "P": "?"})
    text = re.sub(r"<([BHDTRP0-9x]+)x(f32|i64|bf16)>", lambda m: "<" + "x".join(
        str(sizes.get(e, e)) for e in m[1].split("x")) + f"x{m[2]}>", text)
    # A tensor.empty names its dynamic sizes.
    text = re.sub(r"tensor\.empty\{(.*?)\}", lambda m: f"tensor.empty({m[1] if dynamic else ''})", text)
    return text


def module(arguments, code, dynamic=False, after="", values=""):
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
  %{"o0" if values else "o"} = linalg.contract indexing_maps = [#s, #k, #q] ins(%p, %v : tensor<BxHxTxTxf32>, tensor<BxHxTxDxf32>) outs(%zo : tensor<BxHxTxDxf32>) -> tensor<BxHxTxDxf32>
{values}
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


def shaw(row=CLIP, rows="q", maps="#q, #mnd", combine=ADD, dynamic=False, after=""):
    code = gathered(("t", TABLE[1]), row) + "\n" + product(rows, "g", maps) + "\n" + combine
    return module([TABLE], code, dynamic, after)


def weighted(body):
    return combine("x", ["s", "u"], body)


def shifted(first=1, dynamic=False, mask="", table="tensor<RxHxDxf32>", bias=False):
    """Transformer-XL: q · r for every distance; the matrix is read row by row as one of other
    rows, after `first` of its lines."""
    rows = "qu" if bias else "q"
    shift = f"""  %ebd = tensor.empty{{%T, %R}} : tensor<BxHxTxRxf32>
  %zbd = linalg.fill ins(%zero : f32) outs(%ebd : tensor<BxHxTxRxf32>) -> tensor<BxHxTxRxf32>
  %bd = linalg.contract indexing_maps = [#q, #r, #s] ins(%{rows}, %rel : tensor<BxHxTxDxf32>, {table}) outs(%zbd : tensor<BxHxTxRxf32>) -> tensor<BxHxTxRxf32>
  %padded = tensor.pad %bd low[0, 0, 0, 1] high[0, 0, 0, 0] {{
  ^bb0(%p0_: index, %p1_: index, %p2_: index, %p3_: index):
    tensor.yield %zero : f32
  }} : tensor<BxHxTxRxf32> to tensor<BxHxTxPxf32>
  %cB = arith.constant {B} : index
  %cH = arith.constant {H} : index
  %P = arith.addi %R, %c1 : index
  %tall_shape = tensor.from_elements %cB, %cH, %P, %T : tensor<4xindex>
  %tall = tensor.reshape %padded(%tall_shape) : (tensor<BxHxTxPxf32>, tensor<4xindex>) -> tensor<BxHxPxTxf32>
  %cut = tensor.extract_slice %tall[0, 0, {first}, 0] [{B}, {H}, #R#, #T#] [1, 1, 1, 1] : tensor<BxHxPxTxf32> to tensor<BxHxRxTxf32>
  %wide_shape = tensor.from_elements %cB, %cH, %T, %R : tensor<4xindex>
  %wide = tensor.reshape %cut(%wide_shape) : (tensor<BxHxRxTxf32>, tensor<4xindex>) -> tensor<BxHxTxRxf32>
  %u = tensor.extract_slice %wide[0, 0, 0, 0] [{B}, {H}, #T#, #T#] [1, 1, 1, 1] : tensor<BxHxTxRxf32> to tensor<BxHxTxTxf32>"""
    shift = shift.replace("#T#", "%T" if dynamic else str(T)).replace("#R#", "%R" if dynamic else str(2 * T - 1))
    arguments = [("%rel", table)]
    if bias:
        arguments.append(("%bias", "tensor<HxDxf32>"))
        shift = """  %qu = linalg.generic {indexing_maps = [#id, affine_map<(b, h, m, n) -> (h, n)>, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%q, %bias : tensor<BxHxTxDxf32>, tensor<HxDxf32>) outs(%eo : tensor<BxHxTxDxf32>) {
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %y = arith.addf %a0, %a1 : f32
    linalg.yield %y : f32
  } -> tensor<BxHxTxDxf32>
""" + shift
    return module(arguments, shift + "\n" + (mask or ADD), dynamic)


def grid(height, width, axis_row):
    """SAM: q by a table of the difference of rows, and one of columns."""
    def one(axis, table, extent, other):
        lead = "affine_map<(b, h, y, x, k, d) -> (b, h, y, x, d)>"
        at = "y" if axis == 0 else "x"
        maps = f"[{lead}, affine_map<(b, h, y, x, k, d) -> ({at}, k, d)>, affine_map<(b, h, y, x, k, d) -> (b, h, y, x, k)>]"
        return f"""  %eg{axis} = tensor.empty() : tensor<{extent}x{extent}xDxf32>
  %g{axis} = linalg.generic {{indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>], iterator_types = ["parallel", "parallel", "parallel"]}} outs(%eg{axis} : tensor<{extent}x{extent}xDxf32>) {{
  ^bb0(%out: f32):
    %a = linalg.index 0 : index
    %c = linalg.index 1 : index
    %d = linalg.index 2 : index
    %delta = arith.subi %a, %c : index
    %off = arith.constant {extent - 1} : index
    %row = arith.addi %delta, %off : index
    %r = tensor.extract {table}[%row, %d] : tensor<{2 * extent - 1}xDxf32>
    linalg.yield %r : f32
  }} -> tensor<{extent}x{extent}xDxf32>
  %er{axis} = tensor.empty() : tensor<BxHx{height}x{width}x{extent}xf32>
  %zr{axis} = linalg.fill ins(%zero : f32) outs(%er{axis} : tensor<BxHx{height}x{width}x{extent}xf32>) -> tensor<BxHx{height}x{width}x{extent}xf32>
  %r{axis} = linalg.contract indexing_maps = {maps} ins(%q5, %g{axis} : tensor<BxHx{height}x{width}xDxf32>, tensor<{extent}x{extent}xDxf32>) outs(%zr{axis} : tensor<BxHx{height}x{width}x{extent}xf32>) -> tensor<BxHx{height}x{width}x{extent}xf32>"""

    six = f"tensor<BxHx{height}x{width}x{height}x{width}xf32>"
    code = f"""  %q5 = tensor.expand_shape %q [[0], [1], [2, 3], [4]] output_shape [{B}, {H}, {height}, {width}, {D}] : tensor<BxHxTxDxf32> into tensor<BxHx{height}x{width}xDxf32>
{one(0, "%ty", height, width)}
{one(1, "%tx", width, height)}
  %e6 = tensor.empty() : {six}
  %u6 = linalg.generic {{indexing_maps = [affine_map<(b, h, y, x, k, l) -> (b, h, y, x, k)>, affine_map<(b, h, y, x, k, l) -> (b, h, y, x, l)>, affine_map<(b, h, y, x, k, l) -> (b, h, y, x, k, l)>], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "parallel"]}} ins(%r0, %r1 : tensor<BxHx{height}x{width}x{height}xf32>, tensor<BxHx{height}x{width}x{width}xf32>) outs(%e6 : {six}) {{
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %y = arith.addf %a0, %a1 : f32
    linalg.yield %y : f32
  }} -> {six}
  %u = tensor.collapse_shape %u6 [[0], [1], [2, 3], [4, 5]] : {six} into tensor<BxHxTxTxf32>
{ADD}"""
    return module([("%ty", f"tensor<{2 * height - 1}xDxf32>"), ("%tx", f"tensor<{2 * width - 1}xDxf32>")], code)


def looked_up(rows, at, dynamic=False):
    """DeBERTa: products with all rows of a table, then one of them per pair by a gather."""
    side = "#q" if rows == "q" else "#k"
    axis = "m" if rows == "q" else "n"
    code = f"""  %ep = tensor.empty{{%T}} : tensor<BxHxTx8xf32>
  %zp = linalg.fill ins(%zero : f32) outs(%ep : tensor<BxHxTx8xf32>) -> tensor<BxHxTx8xf32>
  %all = linalg.contract indexing_maps = [#q, affine_map<(b, h, m, n, d) -> (n, d)>, #s] ins(%{rows}, %t : tensor<BxHxTxDxf32>, tensor<8xDxf32>) outs(%zp : tensor<BxHxTx8xf32>) -> tensor<BxHxTx8xf32>
""" + combine("x", ["s"], f"""{CLIP}
    %p = tensor.extract %all[%b, %h, %{at}, %row] : tensor<BxHxTx8xf32>
    %r = arith.addf %a0, %p : f32""")
    return module([TABLE], code, dynamic)




def run(*command, fails=False):
    done = subprocess.run(command, capture_output=True, text=True)
    assert fails or done.returncode == 0, f"{' '.join(command)}: {done.stderr}{done.stdout}"
    return done


def argument(rng, name, type_):
    *shape, element = type_.split("x")
    length = 2 * LENGTH - 1 if name == "rel" else LENGTH
    shape = [length if n == "?" else int(n) for n in shape]
    if element == "i64":
        return rng.integers(0, 8, shape)
    return rng.standard_normal(shape).astype(np.float32)


def check(name, text, rel_dots=1, names=(), fused=True, attention=True, value_rel=None):
    path, result = f"{scratch}.mlir", f"{scratch}.npy"
    with open(path, "w") as file:
        file.write(text)
    raised = run("posenc-opt", "--posenc-raise", path).stdout
    assert ("posenc.attention" in raised) == attention, f"{name}: {raised}"
    found = re.findall(r"posenc\.rel_dot .*", raised)
    assert len(found) == rel_dots, f"{name}: expected {rel_dots} rel_dot: {raised}"
    values = re.findall(r"value_rel\(.*?\) bucket <(.*?)>", raised)
    assert values == ([value_rel] if value_rel else []), f"{name}: {raised}"
    for want in names:
        assert any(re.search(want, line) for line in found), f"{name}: expected {want} in {found}"
    if attention:
        verified = run("posenc-opt", "--posenc-raise", "--posenc-verify-fused", path, fails=True)
        assert (verified.returncode == 0) == fused, f"{name}: {verified.stderr}"
    rng = np.random.default_rng(len(text))
    ins = []
    signature = re.search(r"func\.func @\w+\((.*?)\) ->", text).group(1)
    for i, (operand, type_) in enumerate(re.findall(r"%(\w+): tensor<([^>]*)>", signature)):
        np.save(f"{scratch}.{i}.npy", argument(rng, operand, type_))
        ins += ["--in", f"{scratch}.{i}.npy"]
    run("posenc-run", "--raise=off", path, *ins, "--out", result)
    run("posenc-run", "--raise=on", path, *ins, "--expect", result, "--rtol=1e-4", "--atol=1e-5")
    print(name, "agrees")


CLIP_NAME = r"at\(.*\) bucket <clip, k_minus_q, left = 3, right = 4>"
OFF_BAND = """    %dist = arith.subi %m, %n : index
    %five = arith.constant 5 : index
    %in0 = arith.cmpi sge, %dist, %c0 : index
    %in1 = arith.cmpi slt, %dist, %five : index
    %in = arith.andi %in0, %in1 : i1
    %some = arith.select %in, %a1, %zero : f32
    %mi = arith.index_cast %m : index to i64
    %mf = arith.sitofp %mi : i64 to f32
    %scaled = arith.mulf %some, %mf : f32
    %r = arith.addf %a0, %scaled : f32"""
CAUSAL = combine("x", ["s", "u"], """    %y = arith.addf %a0, %a1 : f32
    %far = arith.cmpi sgt, %n, %m : index
    %one = arith.constant 1.0 : f32
    %hide = arith.select %far, %one, %zero : f32
    %big = arith.constant 1.0e30 : f32
    %much = arith.mulf %hide, %big : f32
    %r = arith.subf %y, %much : f32""")

for lengths in (False, True):
    which = "any length" if lengths else "static"
    check(f"shaw, {which}", shaw(dynamic=lengths), names=[CLIP_NAME])
    check(f"rows are keys, {which}", shaw(rows="k", maps="#k, #mnd", dynamic=lengths), names=[CLIP_NAME])
    check(f"gathered by query, {which}", looked_up("q", "m", lengths), names=[CLIP_NAME])
    check(f"gathered by key, {which}", looked_up("k", "n", lengths), names=[CLIP_NAME])
    check(f"shift by pad and reshape, {which}", shifted(dynamic=lengths))
    check(f"shift with a bias, {which}", shifted(dynamic=lengths, bias=True), names=[r"bias\("])
    check(f"shift behind a mask, {which}", shifted(dynamic=lengths, mask=CAUSAL))
    # One line off: the rows of the next query come in, where no mask hides them.
    check(f"shift by another line, {which}", shifted(first=0, dynamic=lengths), rel_dots=0, fused=False)
    check(f"off a band nothing, {which}", shaw(combine=weighted(OFF_BAND), dynamic=lengths), names=[r"weight\("])
check("difference of rows and of columns", grid(4, 3, 0), rel_dots=2)

# Near misses: right, or left alone.
ONE_CELL = CLIP.replace("%row = arith.addi %both, %off : index", """%regular = arith.addi %both, %off : index
    %there = arith.cmpi eq, %m, %c2 : index
    %here = arith.cmpi eq, %n, %c2 : index
    %cell = arith.andi %there, %here : i1
    %row = arith.select %cell, %c1, %regular : index""")
TIMES = combine("x", ["s", "u"], "    %r = arith.mulf %a0, %a1 : f32")
SQUARED = combine("x", ["s", "u"], "    %y = arith.mulf %a1, %a1 : f32\n    %r = arith.addf %a0, %y : f32")
NEGATED = combine("x", ["s", "u"], "    %r = arith.subf %a0, %a1 : f32")
AFTER = combine("p", ["p0", "u"], "    %r = arith.addf %a0, %a1 : f32")
check("one cell of the rows differs", shaw(row=ONE_CELL), names=[r" row\("])
check("subtracted", shaw(combine=NEGATED), names=[CLIP_NAME + r" weight\("])
check("multiplied with the scores", shaw(combine=TIMES), rel_dots=0, fused=False)
check("squared", shaw(combine=SQUARED), rel_dots=0, fused=False)
check("added after the softmax", shaw(combine=combine("x", ["s"], "    %r = arith.mulf %a0, %a0 : f32"), after=AFTER),
      rel_dots=0, attention=False)

GIVEN = "\n".join([product("q", "given", "#q, #mnd"), ADD])
check("a dense table", module([("%given", "tensor<TxTxDxf32>")], GIVEN), rel_dots=0, fused=False)
BATCHED = gathered(("t", TABLE[1]), CLIP) + """
  %eb = tensor.empty{%T, %T} : tensor<BxTxTxDxf32>
  %gb = linalg.generic {indexing_maps = [affine_map<(b, m, n, d) -> (b, m, n, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%eb : tensor<BxTxTxDxf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %m = linalg.index 1 : index
    %n = linalg.index 2 : index
    %d = linalg.index 3 : index
""" + CLIP + """
    %r = tensor.extract %tb[%b, %row, %d] : tensor<Bx8xDxf32>
    linalg.yield %r : f32
  } -> tensor<BxTxTxDxf32>
""" + product("q", "gb", "#q, #bmnd", types=("tensor<BxHxTxDxf32>", "tensor<BxTxTxDxf32>")) + "\n" + ADD
check("a table per batch", module([TABLE, ("%tb", "tensor<Bx8xDxf32>")], BATCHED), names=[CLIP_NAME])
BY_CONTENT = """    %x64 = tensor.extract %ids[%m, %n] : tensor<TxTxi64>
    %row = arith.index_cast %x64 : i64 to index"""
check("rows from an argument", module([TABLE, ("%ids", "tensor<TxTxi64>")], gathered(("t", TABLE[1]), BY_CONTENT) + "\n" + product("q", "g", "#q, #mnd") + "\n" + ADD), names=[r" row\("])

# Shaw's values.
PLAIN = combine("x", ["s"], "    %r = arith.mulf %a0, %a0 : f32")


def with_values(sum_body="arith.addf %a0, %a1", probabilities="p", dynamic=False, row=CLIP):
    values = f"""  %o1 = linalg.contract indexing_maps = [#s, #mnd, #q] ins(%{probabilities}, %g : tensor<BxHxTxTxf32>, tensor<TxTxDxf32>) outs(%zo : tensor<BxHxTxDxf32>) -> tensor<BxHxTxDxf32>
  %o = linalg.generic {{indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}} ins(%o0, %o1 : tensor<BxHxTxDxf32>, tensor<BxHxTxDxf32>) outs(%eo : tensor<BxHxTxDxf32>) {{
  ^bb0(%a0: f32, %a1: f32, %out: f32):
    %r = {sum_body} : f32
    linalg.yield %r : f32
  }} -> tensor<BxHxTxDxf32>"""
    return module([TABLE], gathered(("t", TABLE[1]), row) + "\n" + PLAIN, dynamic, values=values)


NAME = "clip, k_minus_q, left = 3, right = 4"
check("values", with_values(), rel_dots=0, value_rel=NAME)
check("values, any length", with_values(dynamic=True), rel_dots=0, value_rel=NAME)
check("values, the other way round", with_values("arith.addf %a1, %a0"), rel_dots=0, value_rel=NAME)
check("values, subtracted", with_values("arith.subf %a0, %a1"), rel_dots=0, fused=False)
check("values of the scores", with_values(probabilities="x"), rel_dots=0)
check("values by rows that one cell changes", with_values(row=ONE_CELL), rel_dots=0, fused=False)
