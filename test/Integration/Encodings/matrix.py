# RUN: %python %s
"""Every encoding of the catalogue on the reference, the CPU and emulated GPUs of both vendors, against NumPy in float64.

A form of each by default, all of them with --param all=1; POSENC_SEED draws others, POSENC_ENCODINGS chooses.
"""

from posenc_testing import catalogue, matrix

if __name__ == "__main__":
    matrix.main(catalogue.encodings())
