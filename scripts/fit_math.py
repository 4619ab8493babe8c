#!/usr/bin/env python3
"""Fits the polynomials of posenc-expand-math and writes MathTables.h.inc.

Needs mpmath. Usage: scripts/fit_math.py > lib/Codegen/Device/MathTables.h.inc
Every polynomial is the minimax one (Remez exchange, 60 digits) for the error
that `weight` makes relative; its error is printed beside it.
"""
from mpmath import (mp, mpf, matrix, lu_solve, exp, log, sin, cos, atan, erf, erfc, sqrt, pi,
                    linspace, floor, ldexp, cos as mcos)

mp.dps = 60


def remez(f, weight, degree, lo, hi, rounds=12):
    n = degree + 2
    lo, hi = mpf(lo), mpf(hi)
    nodes = [(lo + hi) / 2 + (hi - lo) / 2 * mcos(pi * (n - 1 - i) / (n - 1)) for i in range(n)]
    for _ in range(rounds):
        a, b = matrix(n, n), matrix(n, 1)
        for i, x in enumerate(nodes):
            for j in range(degree + 1):
                a[i, j] = x**j
            a[i, degree + 1] = (-1) ** i / weight(x)
            b[i] = f(x)
        solution = lu_solve(a, b)
        coefficients = [solution[j] for j in range(degree + 1)]

        def error(x):
            return (sum(c * x**j for j, c in enumerate(coefficients)) - f(x)) * weight(x)

        grid = [lo + (hi - lo) * (1 - mcos(pi * k / (40 * n))) / 2 for k in range(40 * n + 1)]
        values = [error(x) for x in grid]
        # One extremum per run of equal signs.
        nodes, start = [], 0
        for k in range(1, len(grid) + 1):
            if k == len(grid) or values[k] * values[start] < 0:
                nodes.append(grid[max(range(start, k), key=lambda i: abs(values[i]))])
                start = k
        if len(nodes) != n:
            break
    return coefficients, max(abs(v) for v in values)


def series(f, at):
    """f with its limit where the formula is 0/0."""
    return lambda x: at if abs(x) < mpf(10) ** -18 else f(x)


def erfcx_of_t(k):
    def f(t):  # t = (k - x) / (k + x), x in [1/2, inf)
        x = k * (1 - t) / (1 + t)
        return exp(x * x) * erfc(x) * (1 + 2 * x)
    return f


def tables():
    half_ln2 = log(2) / 2 + mpf("1e-4")
    z_log = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2
    q = pi / 4 + mpf("1e-3")
    one = lambda x: mpf(1)
    at = lambda z: 2 * (mp.atanh(sqrt(z)) / sqrt(z))
    t8 = mp.tan(pi / 8)
    yield "exp", series(lambda r: (exp(r) - 1 - r) / r**2, mpf(1) / 2), one, -half_ln2, half_ln2, 4, 9
    yield "exp2", series(lambda r: (2**r - 1) / r, log(2)), one, -mpf("0.501"), mpf("0.501"), 5, 11
    # log(m) = 2 s + s^3 (2/3 + ...): the tail after 2 s, over z.
    yield "log", series(lambda z: (at(z) - 2) / z, mpf(2) / 3), one, mpf("1e-30"), z_log, 3, 7
    # the same after 2 s + 2/3 s^3, for pow
    yield "pow", series(lambda z: (at(z) - 2 - 2 * z / 3) / z**2, mpf(2) / 5), one, mpf("1e-12"), z_log, 2, 6
    yield "sin", series(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 6), one, mpf("1e-12"), q * q, 2, 6
    yield "cos", series(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), one, mpf("1e-8"), q * q, 2, 5
    yield "atan", series(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 3), one, mpf("1e-12"), t8 * t8, 4, 11
    yield "erf", series(lambda z: erf(sqrt(z)) / sqrt(z) - 1, 2 / sqrt(pi) - 1), one, mpf("1e-20"), mpf("0.5625"), 5, 10


def tail(name, k, limit, degrees):
    lo, hi = (k - limit) / (k + limit), (k - mpf("0.74")) / (k + mpf("0.74"))
    f = erfcx_of_t(k)
    return name, f, lambda t: 1 / f(t), lo, hi, *degrees


def emit(name, kind, coefficients, error):
    print(f"// {kind}: minimax error {mp.nstr(error, 3)}")
    body = ", ".join(mp.nstr(c, 20) for c in coefficients)
    print(f"inline constexpr double {name}_{kind}[] = {{{body}}};")


def main():
    print("// Made by scripts/fit_math.py: do not edit. Lowest power first.\n")
    for name, f, weight, lo, hi, d32, d64 in tables():
        for kind, degree in (("f32", d32), ("f64", d64)):
            coefficients, error = remez(f, weight, degree, lo, hi)
            emit(name, kind, coefficients, error)
    for kind, limit, degree in (("f32", mpf(11), 9), ("f64", mpf(28), 22)):
        name, f, weight, lo, hi, d, _ = tail("erfcx", mpf(4), limit, (degree, degree))
        coefficients, error = remez(f, weight, d, lo, hi)
        emit(name, kind, coefficients, error)
    # 2/pi as 32-bit words after 32 zero bits, for the reduction of large angles.
    bits = int(floor(ldexp(2 / pi, 224)))
    words = [0] + [(bits >> (224 - 32 * (k + 1))) & 0xFFFFFFFF for k in range(7)]
    print("\n// 2/pi in words of 32 bits, the first before the point")
    print("inline constexpr uint32_t twoOverPi[] = {" + ", ".join(hex(w) for w in words) + "};")


if __name__ == "__main__":
    mp.dps = 90
    main()
