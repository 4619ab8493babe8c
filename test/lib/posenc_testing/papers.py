"""Encodings that no library we know implements: float64 formulas, written from the papers.

Each function of ARRAYS returns inputs and expected results by name.
"""

ARRAYS = {}
