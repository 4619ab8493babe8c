"""Near misses of what meets the scores and of which rows meet: see near_misses.py."""

from .near_misses import CAUSAL, DISTANCE, HIDE, changed, finish, left, near_miss

# Masks ------------------------------------------------------------------------


@near_miss("mask (posenc.mask)")
def causal(L):
    return changed(L, CAUSAL + HIDE)


@near_miss("mask")
def causal_with_a_hole(L):
    return changed(L, CAUSAL + """%r = arith.cmpi eq, %it, %c3 : index
    %c = arith.cmpi eq, %is, %c1 : index
    %hole = arith.andi %r, %c : i1
    %no = arith.xori %hole, %see : i1
    %lit = arith.select %hole, %false, %see : i1
    %y = arith.select %lit, %in0, %ninf : f32""")


@near_miss("raised to posenc.attention with")
def strictly_causal(L):
    return changed(L, "%see = arith.cmpi slt, %is, %it : index\n%y = arith.select %see, %in0, %lowest : f32")


@near_miss("mask")
def causal_one_later(L):
    return changed(L, "%n = arith.addi %it, %c1 : index\n%see = arith.cmpi sle, %is, %n : index\n" + HIDE)


@near_miss("mask")
def anticausal(L):
    return changed(L, "%see = arith.cmpi sge, %is, %it : index\n" + HIDE)


@near_miss("mask")
def causal_from_the_other_end(L):
    shift = L.emit("arith.subi %s, %s : index" % (L.extent("s"), L.extent("t")))
    return changed(L, "%%n = arith.addi %%it, %s : index\n%%see = arith.cmpi sle, %%is, %%n : index\n" % shift + HIDE)


@near_miss("mask")
def window(L):
    return changed(L, CAUSAL + """%n = arith.addi %is, %c2 : index
    %near = arith.cmpi sge, %n, %it : index
    %both = arith.andi %see, %near : i1
    %y = arith.select %both, %in0, %ninf : f32""")


@near_miss("mask")
def window_of_one_row(L):
    return changed(L, CAUSAL + """%n = arith.addi %is, %c2 : index
    %near = arith.cmpi sge, %n, %it : index
    %row = arith.cmpi eq, %it, %c3 : index
    %far = arith.select %row, %near, %see : i1
    %both = arith.andi %see, %far : i1
    %y = arith.select %both, %in0, %ninf : f32""")


@near_miss("raised to posenc.attention with")
def zero_where_hidden(L):
    return changed(L, CAUSAL + "%y = arith.select %see, %in0, %zero : f32")


@near_miss("raised to posenc.attention with")
def mask_multiplied(L):
    return changed(L, CAUSAL + "%f = arith.uitofp %see : i1 to f32\n%y = arith.mulf %in0, %f : f32")


@near_miss("raised to posenc.attention with")
def mask_of_minus_two(L):
    return changed(L, CAUSAL + "%n = arith.constant -2.0 : f32\n%a = arith.select %see, %zero, %n : f32\n"
                   "%y = arith.addf %in0, %a : f32")


@near_miss("raised to posenc.attention with")
def lowest_number_in_all_of_a_row(L):
    return changed(L, """%r = arith.cmpi eq, %it, %c2 : index
    %a = arith.select %r, %lowest, %zero : f32
    %y = arith.addf %in0, %a : f32""")


@near_miss("raised to posenc.attention with")
def lowest_number_of_the_query(L):
    return finish(L, L.add(L.scores(), "low"))


@near_miss("raised to posenc.attention with")
def mask_by_score(L):
    return changed(L, "%n = arith.constant -0.2 : f32\n%see = arith.cmpf ogt, %in0, %n : f32\n"
                   "%y = arith.select %see, %in0, %lowest : f32")


@near_miss("raised to posenc.attention with")
def mask_by_token(L):
    type_ = L.type("bs:i64")
    return changed(L, """%%a = tensor.extract %s[%%ib, %%it] : %s
    %%c = tensor.extract %%ids[%%ib, %%is] : %s
    %%same = arith.cmpi eq, %%a, %%c : i64
    %%y = arith.select %%same, %%in0, %%ninf : f32""" % (L.use("ids"), type_, type_))


# Biases -------------------------------------------------------------------------


def by_table(L, row, head="%ih"):
    """The bias of a table of 15 rows by distance."""
    look_up = "%%b = tensor.extract %s[%%row, %s] : %s" % (L.use("table"), head, L.type("rh"))
    return changed(L, DISTANCE + row + "\n" + look_up + "\n%y = arith.addf %in0, %b : f32")


CLIPPED = """%lo = arith.constant -7 : index
%hi = arith.constant 7 : index
%a = arith.maxsi %di, %lo : index
%c = arith.minsi %a, %hi : index
"""


@near_miss("relative (posenc.bias_table)")
def clipped_distance(L):
    return by_table(L, CLIPPED + "%row = arith.addi %c, %hi : index")


@near_miss("relative (posenc.bias_table)")
def clipped_distance_the_other_way(L):
    return by_table(L, CLIPPED + "%row = arith.subi %hi, %c : index")


@near_miss("relative (posenc.bias_table)")
def one_distance_off(L):
    return by_table(L, CLIPPED + """%m2 = arith.constant -2 : index
    %it2 = arith.cmpi eq, %di, %m2 : index
    %e = arith.addi %c, %c1 : index
    %f = arith.select %it2, %e, %c : index
    %row = arith.addi %f, %hi : index""")


@near_miss("raised to posenc.attention with")
def one_cell_off(L):
    return by_table(L, CLIPPED + """%m2 = arith.cmpi eq, %it, %c3 : index
    %n2 = arith.cmpi eq, %is, %c1 : index
    %hit = arith.andi %m2, %n2 : i1
    %e = arith.addi %c, %c1 : index
    %f = arith.select %hit, %e, %c : index
    %row = arith.addi %f, %hi : index""")


@near_miss("raised to posenc.attention with")
def product_instead_of_distance(L):
    return by_table(L, "%p = arith.muli %is, %it : index\n%c15 = arith.constant 15 : index\n"
                    "%row = arith.remsi %p, %c15 : index")


@near_miss("raised to posenc.attention with")
def table_of_another_head(L):
    return by_table(L, CLIPPED + "%row = arith.addi %c, %hi : index\n%oh = arith.subi %c3, %ih : index", "%oh")


@left("expected an index that is a function of position, but it reads a tensor")
def table_row_by_token(L):
    type_ = L.type("bs:i64")
    return by_table(L, """%%ti = tensor.extract %s[%%ib, %%it] : %s
    %%tj = tensor.extract %%ids[%%ib, %%is] : %s
    %%ts = arith.addi %%ti, %%tj : i64
    %%row = arith.index_cast %%ts : i64 to index""" % (L.use("ids"), type_, type_))


@near_miss("dense")
def dense_bias(L):
    return finish(L, L.add(L.scores(), "bias"))


@near_miss("affine")
def slope_of_the_distance(L):
    return changed(L, DISTANCE + "%b = arith.mulf %df, %half : f32\n%y = arith.addf %in0, %b : f32")


@near_miss("raised to posenc.attention with")
def slope_of_the_square(L):
    return changed(L, DISTANCE + "%b = arith.mulf %df, %df : f32\n%e = arith.mulf %b, %half : f32\n"
                   "%y = arith.subf %in0, %e : f32")


@near_miss("raised to posenc.attention with")
def scale_behind_the_bias(L):
    return changed(L, "%b = arith.addf %in0, %in1 : f32\n%y = arith.mulf %b, %two : f32", (L.use("bias"), "hts"))


@near_miss("raised to posenc.attention with")
def softcap_behind_the_mask(L):
    return changed(L, CAUSAL + """%x = arith.select %see, %in0, %ninf : f32
    %d = arith.divf %x, %two : f32
    %t = math.tanh %d : f32
    %y = arith.mulf %t, %two : f32""")


@near_miss("raised to posenc.attention with")
def softcap_of_two_numbers(L):
    return changed(L, """%d = arith.divf %in0, %two : f32
    %t = math.tanh %d : f32
    %c = arith.constant 2.001 : f32
    %y = arith.mulf %t, %c : f32""")


@near_miss("rank", same=False)
def bias_of_the_value(L):
    return finish(L, L.change(L.scores(), """%%f = tensor.extract %s[%%ib, %%ih, %%is, %%c0] : %s
    %%y = arith.addf %%in0, %%f : f32""" % (L.use("v"), L.type("bhse"))))


@near_miss("raised to posenc.attention", same=True)
def bias_of_the_query(L):
    return finish(L, L.add(L.scores(), "row"))


# Scores -------------------------------------------------------------------------


@near_miss("raised to posenc.attention with")
def squared_scores(L):
    return changed(L, "%y = arith.mulf %in0, %in0 : f32")


@near_miss("raised to posenc.attention with")
def clamped_scores(L):
    return changed(L, "%a = arith.minimumf %in0, %half : f32\n%y = arith.maximumf %a, %zero : f32")


@near_miss("raised to posenc.attention with")
def scale_per_head(L):
    return changed(L, "%y = arith.mulf %in0, %in1 : f32", (L.use("gate"), "h"))


@near_miss("alone")
def negative_scale(L):
    return finish(L, L.scores(scale=-0.5))


@near_miss("raised to posenc.attention", dynamic=False)
def scale_of_zero(L):
    return finish(L, L.scores(scale=0.0))


@left("expected the scores to contain one product of queries and keys, but got 2")
def two_keys(L):
    s = L.contract((L.use("q"), "bhtd"), (L.use("k2"), "bhsd"), "bhts")
    return finish(L, L.change(L.scores(), "%y = arith.addf %in0, %in1 : f32", (s, "bhts")))


@left("expected the scores to contain one product of queries and keys, but got 2")
def product_of_two_scores(L):
    s = L.contract((L.use("q"), "bhtd"), (L.use("k2"), "bhsd"), "bhts")
    return finish(L, L.change(L.scores(), "%y = arith.mulf %in0, %in1 : f32", (s, "bhts")))


@left("expected the scores to contain one product of queries and keys, but got 2", dynamic=False)
def scores_of_another_head_too(L):
    s = L.scores()
    return finish(L, L.change(s, """%%n = arith.subi %%c3, %%ih : index
    %%t = tensor.extract %s[%%ib, %%n, %%it, %%is] : %s
    %%y = arith.addf %%in0, %%t : f32""" % (s, L.type("bhts"))))


@left("expected the scores to contain one product of queries and keys, but got 0")
def scores_from_outside(L):
    s = L.pointwise("bhts", [(L.use("bias"), "hts"), (L.use("key"), "bhs")], "%y = arith.addf %in0, %in1 : f32")
    return finish(L, s)


# Which rows meet ------------------------------------------------------------------


def reversed_rows(L, name, shape, letter):
    """The tensor read from its other end."""
    last = L.emit("arith.subi %s, %%c1 : index" % L.extent(letter))
    index = ", ".join("%n" if c == letter else "%i" + c for c in shape)
    return L.pointwise(shape, [], "%%n = arith.subi %s, %%i%s : index\n%%y = tensor.extract %s[%s] : %s" % (
        last, letter, L.use(name), index, L.type(shape)))


def scores_of(L, q, k):
    s = L.contract((q, "bhtd"), (k, "bhsd"), "bhts")
    return L.change(s, "%y = arith.mulf %in0, %half : f32")


@near_miss("alone")
def keys_reversed(L):
    return finish(L, scores_of(L, L.use("q"), reversed_rows(L, "k", "bhsd", "s")))


@near_miss("mask")
def queries_reversed_under_a_mask(L):
    s = scores_of(L, reversed_rows(L, "q", "bhtd", "t"), L.use("k"))
    return finish(L, L.change(s, CAUSAL + HIDE))


@near_miss("alone")
def channels_reversed(L):
    return finish(L, scores_of(L, L.use("q"), reversed_rows(L, "k", "bhsd", "d")))


@near_miss("alone")
def values_of_other_heads(L):
    p = L.softmax(L.scores())
    return [(L.contract((p, "bhts"), (reversed_rows(L, "v", "bhse", "h"), "bhse"), "bhte"), "bhte")]


@near_miss("alone")
def keys_of_other_batches(L):
    return finish(L, scores_of(L, L.use("q"), reversed_rows(L, "k", "bhsd", "b")))


@near_miss("alone")
def values_reversed(L):
    p = L.softmax(L.scores())
    return [(L.contract((p, "bhts"), (reversed_rows(L, "v", "bhse", "s"), "bhse"), "bhte"), "bhte")]


@near_miss("raised to posenc.attention")
def channel_weights(L):
    k = L.pointwise("bhsd", [(L.use("k"), "bhsd"), (L.use("wide"), "d")], "%y = arith.mulf %in0, %in1 : f32")
    return finish(L, scores_of(L, L.use("q"), k))


def repeated(L, name, shape, index):
    """Grouped heads, repeated."""
    grouped = shape.replace("h", "g")
    places = ", ".join("%g" if c == "h" else "%i" + c for c in shape)
    return L.pointwise(shape, [], "%s\n%%y = tensor.extract %s[%s] : %s" % (
        index, L.use(name), places, L.type(grouped)))


def grouped(L, of_keys, of_values):
    L.use("q"), L.use("k")
    p = L.softmax(scores_of(L, L.use("q"), repeated(L, "kg", "bhsd", of_keys)))
    return [(L.contract((p, "bhts"), (repeated(L, "vg", "bhse", of_values), "bhse"), "bhte"), "bhte")]


HALVES, TURNS = "%g = arith.divsi %ih, %c2 : index", "%g = arith.remsi %ih, %c2 : index"


@near_miss("alone")
def groups_of_neighbours(L):
    return grouped(L, HALVES, HALVES)


@near_miss("alone")
def groups_in_turns(L):
    return grouped(L, TURNS, TURNS)


@near_miss("alone")
def groups_of_keys_and_values_differ(L):
    return grouped(L, HALVES, TURNS)


@near_miss("alone")
def groups_backwards(L):
    back = "%x = arith.divsi %ih, %c2 : index\n%g = arith.subi %c1, %x : index"
    return grouped(L, back, back)


def fewer_keys(L, p):
    """The last key takes part in the sum, not in the result."""
    b, h, t, s, e = (2, 4, 6, 8, 8)
    pt, vt = "tensor<%dx%dx%dx%dxf32>" % (b, h, t, s - 1), "tensor<%dx%dx%dx%dxf32>" % (b, h, s - 1, e)
    part = L.emit("tensor.extract_slice %s[0, 0, 0, 0] [%d, %d, %d, %d] [1, 1, 1, 1] : %s to %s" % (
        p, b, h, t, s - 1, L.type("bhts"), pt))
    v = L.emit("tensor.extract_slice %s[0, 0, 0, 0] [%d, %d, %d, %d] [1, 1, 1, 1] : %s to %s" % (
        L.use("v"), b, h, s - 1, e, L.type("bhse"), vt))
    maps = ", ".join("affine_map<(b, h, t, e, s) -> (%s)>" % ", ".join(x) for x in ("bhts", "bhse", "bhte"))
    return [(L.emit("linalg.contract indexing_maps = [%s] ins(%s, %s : %s, %s) outs(%s : %s) -> %s" % (
        maps, part, v, pt, vt, L.fill("bhte", "%zero"), L.type("bhte"), L.type("bhte"))), "bhte")]


@left("expected a sink per head, but got one that depends on more", dynamic=False)
def dropped_key(L):
    return fewer_keys(L, L.softmax(L.scores()))
