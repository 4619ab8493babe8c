"""Layers that are almost attention as posenc knows it.

Each builds its IR piece by piece. `says` is part of the remark that raising ends in: of what was raised, or of why not.
Numbers are right either way: those of the IR as it is written are the truth. `same` marks the
few that compute what the usual layer computes.
"""

import dataclasses
import typing


@dataclasses.dataclass
class NearMiss:
    name: str
    build: typing.Callable
    raised: bool
    says: str
    same: bool = False
    dynamic: bool = True  # also with dynamic lengths
    atol: float = 1e-5


ALL = []
NOT_ATTENTION = ""  # no remark: nothing there is a softmax


def near_miss(says, raised=True, **more):
    def register(build):
        ALL.append(NearMiss(build.__name__, build, raised, says, **more))
        return build
    return register


def left(says, **more):
    return near_miss(says, raised=False, **more)


CAUSAL = "%see = arith.cmpi sle, %is, %it : index\n"
HIDE = "%y = arith.select %see, %in0, %ninf : f32"
DISTANCE = """%di = arith.subi %is, %it : index
%d64 = arith.index_cast %di : index to i64
%df = arith.sitofp %d64 : i64 to f32
"""


def finish(L, s):
    return [(L.values(L.softmax(s)), "bhte")]


def changed(L, body, *inputs):
    return finish(L, L.change(L.scores(), body, *inputs))


# The softmax ----------------------------------------------------------------


@near_miss("alone", same=True)
def usual(L):
    return finish(L, L.scores())


@left("expected the softmax's sum to be of its own numerator over the axis that the contraction sums over")
def over_queries(L):
    return [(L.values(L.softmax(L.scores(), axis="t")), "bhte")]


@left("over the axis that the contraction sums over")
def over_heads(L):
    return [(L.values(L.softmax(L.scores(), axis="h")), "bhte")]


@left("over the axis that the contraction sums over")
def sum_over_queries(L):
    e = L.exponential(L.scores())
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "t", "arith.addf", "%zero"), "bhs")), "bhte")]


@near_miss("raised to posenc.attention")
def maximum_over_queries(L):
    e = L.exponential(L.scores(), axis="t")
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "s", "arith.addf", "%zero"))), "bhte")]


def exponential_of(L, body, *inputs):
    e = L.change(L.scores(), body, *inputs)
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "s", "arith.addf", "%zero"))), "bhte")]


@near_miss("alone", same=True)
def no_maximum(L):
    return exponential_of(L, "%y = math.exp %in0 : f32")


@near_miss("alone", same=True)
def constant_instead_of_maximum(L):
    return exponential_of(L, "%d = arith.subf %in0, %two : f32\n%y = math.exp %d : f32")


@near_miss("alone", same=True)
def sum_instead_of_maximum(L):
    s = L.scores()
    top = L.reduce(s, "bhts", "s", "arith.addf", "%zero")
    e = L.change(s, "%d = arith.subf %in0, %in1 : f32\n%y = math.exp %d : f32", (top, "bht"))
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "s", "arith.addf", "%zero"))), "bhte")]


@near_miss("raised to posenc.attention", same=True)
def number_of_the_query_instead_of_maximum(L):
    return exponential_of(L, "%d = arith.subf %in0, %in1 : f32\n%y = math.exp %d : f32",
                          (L.use("row"), "bht"))


@near_miss("raised to posenc.attention")
def number_of_the_key_instead_of_maximum(L):
    return exponential_of(L, "%d = arith.subf %in0, %in1 : f32\n%y = math.exp %d : f32",
                          (L.use("key"), "bhs"))


@near_miss("alone", same=True)
def maximum_of_another_row(L):
    s = L.scores()
    top = L.reduce(s, "bhts", "s", "arith.maximumf", "%ninf")
    last = L.emit("arith.subi %s, %%c1 : index" % L.extent("t"))
    e = L.change(s, """%%n = arith.subi %s, %%it : index
    %%top = tensor.extract %s[%%ib, %%ih, %%n] : %s
    %%d = arith.subf %%in0, %%top : f32
    %%y = math.exp %%d : f32""" % (last, top, L.type("bht")))
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "s", "arith.addf", "%zero"))), "bhte")]


def other_sum(L, index, *prepare):
    e = L.exponential(L.scores())
    sums = L.reduce(e, "bhts", "s", "arith.addf", "%zero")
    p = L.change(e, "%s\n%%sum = tensor.extract %s[%s] : %s\n%%y = arith.divf %%in0, %%sum : f32" % (
        "\n".join(prepare), sums, index, L.type("bht")))
    return [(L.values(p), "bhte")]


@left("over the axis that the contraction sums over")
def sum_of_another_row(L):
    last = L.emit("arith.subi %s, %%c1 : index" % L.extent("t"))
    return other_sum(L, "%ib, %ih, %n", "%%n = arith.subi %s, %%it : index" % last)


@left("over the axis that the contraction sums over")
def sum_of_the_first_row(L):
    return other_sum(L, "%ib, %ih, %c0")


@left("over the axis that the contraction sums over")
def sum_of_another_head(L):
    return other_sum(L, "%ib, %n, %it", "%n = arith.subi %c3, %ih : index")


@left("over the axis that the contraction sums over")
def sum_before_the_mask(L):
    s = L.scores()
    e = L.exponential(L.change(s, CAUSAL + HIDE))
    return [(L.values(L.divide(e, L.reduce(L.exponential(s), "bhts", "s", "arith.addf", "%zero"))), "bhte")]


@left("expected a divisor that is a sum over one axis from zero")
def sum_from_one(L):
    e = L.exponential(L.scores())
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "s", "arith.addf", "%one"))), "bhte")]


def changed_sum(L, body):
    e = L.exponential(L.scores())
    sums = L.reduce(e, "bhts", "s", "arith.addf", "%zero")
    return [(L.values(L.divide(e, L.pointwise("bht", [(sums, "bht")], body))), "bhte")]


@left("expected what the softmax's sum has besides the keys to be an exponential")
def sum_plus_one(L):
    return changed_sum(L, "%y = arith.addf %in0, %one : f32")


@left("expected a divisor that is a sum over one axis from zero")
def sum_at_least_two(L):
    return changed_sum(L, "%y = arith.maximumf %in0, %two : f32")


@left("expected a divisor that is a sum over one axis from zero")
def root_of_the_sum(L):
    return changed_sum(L, "%y = math.sqrt %in0 : f32")


@left(NOT_ATTENTION)
def maximum_instead_of_sum(L):
    e = L.exponential(L.scores())
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "s", "arith.maximumf", "%ninf"))), "bhte")]


@left("over the axis that the contraction sums over")
def sum_of_squares(L):
    e = L.exponential(L.scores())
    squares = L.change(e, "%y = arith.mulf %in0, %in0 : f32")
    return [(L.values(L.divide(e, L.reduce(squares, "bhts", "s", "arith.addf", "%zero"))), "bhte")]


@left(NOT_ATTENTION)
def sum_of_scores(L):
    s = L.scores()
    sums = L.reduce(L.change(s, "%y = math.absf %in0 : f32"), "bhts", "s", "arith.addf", "%zero")
    return [(L.values(L.divide(L.exponential(s), sums)), "bhte")]


@near_miss("alone")
def half_the_temperature(L):
    s = L.scores()
    top = L.reduce(s, "bhts", "s", "arith.maximumf", "%ninf")
    e = L.change(s, "%d = arith.subf %in0, %in1 : f32\n%t = arith.mulf %d, %two : f32\n%y = math.exp %t : f32",
                 (top, "bht"))
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "s", "arith.addf", "%zero"))), "bhte")]


def exp2_by(L, factor):
    s = L.scores()
    top = L.reduce(s, "bhts", "s", "arith.maximumf", "%ninf")
    e = L.change(s, """%%d = arith.subf %%in0, %%in1 : f32
    %%c = arith.constant %s : f32
    %%t = arith.mulf %%d, %%c : f32
    %%y = math.exp2 %%t : f32""" % factor, (top, "bht"))
    return [(L.values(L.divide(e, L.reduce(e, "bhts", "s", "arith.addf", "%zero"))), "bhte")]


@near_miss("raised to posenc.attention")
def exp2_as_it_is(L):
    return exp2_by(L, "1.0")


@near_miss("alone", same=True)
def exp2_of_log2e(L):
    return exp2_by(L, "1.44269502")


@near_miss("raised to posenc.attention")
def exp2_of_another_number(L):
    return exp2_by(L, "1.45")


@left(NOT_ATTENTION)
def sigmoid(L):
    s = L.change(L.scores(), """%n = arith.negf %in0 : f32
    %e = math.exp %n : f32
    %a = arith.addf %one, %e : f32
    %y = arith.divf %one, %a : f32""")
    return [(L.values(s), "bhte")]


@left(NOT_ATTENTION)
def log_softmax(L):
    s = L.scores()
    top = L.reduce(s, "bhts", "s", "arith.maximumf", "%ninf")
    sums = L.reduce(L.exponential(s), "bhts", "s", "arith.addf", "%zero")
    p = L.change(s, "%d = arith.subf %in0, %in1 : f32\n%l = math.log %in2 : f32\n%y = arith.subf %d, %l : f32",
                 (top, "bht"), (sums, "bht"))
    return [(L.values(p), "bhte")]


# Behind the softmax -----------------------------------------------------------


def behind(L, body, *inputs):
    return [(L.values(L.change(L.softmax(L.scores()), body, *inputs)), "bhte")]


@left("expected a product of probabilities and values")
def bias_behind_the_softmax(L):
    return behind(L, "%y = arith.addf %in0, %in1 : f32", (L.use("bias"), "hts"))


@left("expected a select on the probabilities to test for rows that are all -inf")
def mask_behind_the_softmax(L):
    return behind(L, CAUSAL + "%y = arith.select %see, %in0, %zero : f32")


@near_miss("alone")
def half_the_probabilities(L):
    return behind(L, "%y = arith.mulf %in0, %half : f32")


@left("expected probabilities that sum to one, but got a factor of 0.7")
def part_of_the_probabilities(L):
    return behind(L, "%c = arith.constant 0.7 : f32\n%y = arith.mulf %in0, %c : f32")


@near_miss("alone")
def half_the_probabilities_and_twice_a_sum(L):
    p = L.change(L.softmax(L.scores()), "%y = arith.mulf %in0, %half : f32")
    v = L.pointwise("bhse", [(L.use("v"), "bhse"), (L.use("key"), "bhs")],
                    "%a = arith.addf %in0, %in1 : f32\n%y = arith.mulf %a, %two : f32")
    return [(L.contract((p, "bhts"), (v, "bhse"), "bhte"), "bhte")]


@left("expected a product of probabilities and values")
def squared_probabilities(L):
    return behind(L, "%y = arith.mulf %in0, %in0 : f32")


@left("expected the probabilities to be contracted with one tensor of values")
def gate_on_the_probabilities(L):
    return behind(L, "%y = arith.mulf %in0, %in1 : f32", (L.use("gate"), "h"))


@left("expected the probabilities to be contracted with one tensor of values")
def dense_factor_on_the_probabilities(L):
    return behind(L, "%y = arith.mulf %in0, %in1 : f32", (L.use("bias"), "hts"))


@left("expected")
def smallest_probabilities_dropped(L):
    return behind(L, "%c = arith.constant 0.1 : f32\n%see = arith.cmpf ogt, %in0, %c : f32\n"
                     "%y = arith.select %see, %in0, %zero : f32")


@left("expected exponentials divided by their sum before they meet the values", same=True)
def division_behind_the_values(L):
    e = L.exponential(L.scores())
    sums = L.reduce(e, "bhts", "s", "arith.addf", "%zero")
    o = L.values(e)
    return [(L.pointwise("bhte", [(o, "bhte"), (sums, "bht")], "%y = arith.divf %in0, %in1 : f32"), "bhte")]


@left("expected the contraction to start from zero")
def values_onto_something(L):
    p = L.softmax(L.scores())
    return [(L.contract((p, "bhts"), (L.use("v"), "bhse"), "bhte", init="%one"), "bhte")]


@left("expected a contraction over the keys alone, but got one over 2 axes")
def heads_summed_too(L):
    p = L.softmax(L.scores())
    return [(L.contract((p, "bhts"), (L.use("v"), "bhse"), "bte"), "bte")]


@near_miss("alone", same=True)
def scores_used_twice(L):
    s = L.scores()
    return [*finish(L, s), (s, "bhts")]


@near_miss("alone", same=True)
def probabilities_used_twice(L):
    p = L.softmax(L.scores())
    return [(L.values(p), "bhte"), (p, "bhts")]


@near_miss("alone", same=True)
def exponentials_used_twice(L):
    e = L.exponential(L.scores())
    p = L.divide(e, L.reduce(e, "bhts", "s", "arith.addf", "%zero"))
    return [(L.values(p), "bhte"), (e, "bhts")]


@near_miss("alone", same=True)
def probabilities_meet_two_values(L):
    p = L.softmax(L.scores())
    return [(L.values(p), "bhte"), (L.contract((p, "bhts"), (L.use("k2"), "bhsd"), "bhtd"), "bhtd")]
