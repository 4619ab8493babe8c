# RUN: %python %s
"""What LLVM makes of the kernel, for processors that need not be at hand: the
loops of both products are multiplications and little else, nothing in them goes
through the stack, and nothing is called but what starts threads and allocates."""
import re
import sys

import posenc

MODULE = """
func.func @main(%q: tensor<1x8x?x64xf32>, %k: tensor<1x8x?x64xf32>, %v: tensor<1x8x?x64xf32>,
                %table: tensor<33x8xf32>, %init: tensor<1x8x?x64xf32>) -> tensor<1x8x?x64xf32> {
  %o = posenc.attention scale(0.125)
      ins(%q, %k, %v : tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>)
      outs(%init : tensor<1x8x?x64xf32>) score(%s, %b, %h, %m, %n) {
    %i = posenc.q_pos : index
    %j = posenc.k_pos : index
    %x = posenc.bias_table %s, %table[%h] at(%i, %j) bucket <clip, k_minus_q, left = 16, right = 16> : tensor<33x8xf32>
    %y = posenc.mask %x at(%i, %j) <causal>
    posenc.yield %y : f32
  }
  return %o : tensor<1x8x?x64xf32>
}
"""

# Accumulators of a register tile, and the lanes of a product.
TILES = {"x86-64-v3": (12, "ymm"), "x86-64-v4": (16, "zmm"), "znver4": (16, "zmm"),
         "sapphirerapids": (16, "zmm"), "neoverse-n1": (16, ".4s")}
ALLOWED = re.compile(r"(__kmpc_\w+|malloc|free|memset|memcpy|main\.\.omp_par\w*|main)(@PLT)?$")
PRODUCT = re.compile(r"\b(vfn?madd\d+ps|fmla)\b")
# Spilled values lie at fixed distances from the stack's or the frame's pointer.
STACK = re.compile(r"(?<![\w)])-?\d+\(%r[sb]p\)|\[sp\b|\[x29, #-")


def innermost_loops(text):
    """Blocks that jump to their own beginning."""
    label, body = None, []
    for line in text.splitlines():
        start = re.match(r"([.\w$]+):", line)
        if start:
            label, body = start.group(1), []
        elif label and re.match(r"\s+\w", line):
            body.append(line.strip())
            if re.match(r"(j\w+|b\.\w+|cbn?z|tbn?z)\b", body[-1]) and body[-1].split()[-1] == label:
                yield body


def complaints(chip, text):
    accumulators, register = TILES[chip]
    found = 0
    for body in innermost_loops(text):
        products = [line for line in body if PRODUCT.match(line) and register in line]
        # The others of a kernel are polynomials: fewer.
        if len(products) % accumulators or len(products) in (0, 4 * accumulators):
            continue
        found += 1
        if len(body) > 2.1 * len(products):
            yield f"a product loop of {len(body)} instructions for {len(products)} products"
        spilled = [line for line in body if STACK.search(line)]
        if spilled:
            yield f"a product loop with {spilled[0]}"
    if found < 2:
        yield f"expected the loops of two products but got {found}"
    called = set(re.findall(r"^\s+(?:callq?|bl)\s+([\w.@]+)", text, re.M))
    for name in sorted(called):
        if not ALLOWED.match(name):
            yield f"a call of {name}"
    if (count := len(re.findall(r"(?:callq?|bl)\s+malloc", text))) > 3:
        yield ("expected the result, a workspace for few and one for many queries but got "
               f"{count} allocations")


def main():
    failed = 0
    for chip in TILES:
        text, _ = posenc.compile(MODULE, emit="asm", target=f"cpu:{chip}")
        for complaint in complaints(chip, text):
            print(f"{chip}: {complaint}")
            failed = 1
    return failed


sys.exit(main())
