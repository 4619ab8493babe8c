# RUN: %python %s %models %t

"""Changes of the bucket chain by hand: still raised, with what it now computes.

Each edit of a model's IR is raised, and the layer is run both ways, un-raised
and raised; the results have to agree. Where a named bucket has exactly the new
rows it is that one with its new parameters, else a lut.
"""

import os
import subprocess
import sys

models, scratch = sys.argv[1:3]

# form, what to replace by what, and a part of the raised module (None: as it was).
EDITS = {
    "last_bucket_unseen": ("linalg", [("dense<15> : tensor<40x40xi64>", "dense<14> : tensor<40x40xi64>")],
                           "bucket <t5, k_minus_q, num_buckets = 32, max_distance = 128, bidirectional = true>"),
    "last_bucket": ("linalg_dyn", [("dense<15> : tensor<i64>", "dense<13> : tensor<i64>")],
                    "bucket <lut, k_minus_q"),
    "max_distance": ("linalg", [("2.7725887222397811 : f64", "2.0794415416798357 : f64")],
                     "bucket <t5, k_minus_q, num_buckets = 32, max_distance = 64, bidirectional = true>"),
    "max_distance_dynamic": ("linalg_dyn", [("2.7725887222397811 : f64", "3.4657359027997265 : f64")],
                             "bucket <t5, k_minus_q, num_buckets = 32, max_distance = 256, bidirectional = true>"),
    "sign": ("shlo_linalg", [("arith.subi %in, %in_27 : i64", "arith.subi %in_27, %in : i64")],
             "bucket <t5, q_minus_k, num_buckets = 32, max_distance = 128, bidirectional = true>"),
    "first_log_bucket": ("linalg", [("cst_7 = arith.constant 8.0", "cst_7 = arith.constant 7.0")],
                         "bucket <lut, k_minus_q"),
    "offset_of_the_future": ("linalg", [("%c16_i64 = arith.constant 16", "%c16_i64 = arith.constant 12")],
                             "bucket <lut, k_minus_q"),
    "log_base": ("tosa", [("0.360673755", "0.5")], "posenc.bias_table"),
    "one_cell": ("linalg", [("""%53 = arith.addi %in, %in_31 : i64
      linalg.yield %53 : i64""", """%one = arith.constant 1 : i64
      %seventeen = arith.constant 17 : i64
      %sum = arith.addi %in, %in_31 : i64
      %hit = arith.cmpi eq, %sum, %seventeen : i64
      %less = arith.subi %sum, %one : i64
      %53 = arith.select %hit, %less, %sum : i64
      linalg.yield %53 : i64""")], "bucket <lut, k_minus_q"),
    "no_distance": ("linalg", [("%53 = arith.subi %in, %in_31 : i64", "%53 = arith.muli %in, %in_31 : i64")],
                    "tensor.extract"),
    "content": ("linalg", [("%54 = arith.index_cast %53 : index to i64", """%c0 = arith.constant 0 : index
      %token = tensor.extract %arg0[%c0, %53, %c0] : tensor<2x40x64xf32>
      %54 = arith.fptosi %token : f32 to i64""")], None),
}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}{done.stdout}"
    return done


def check(name, form, replacements, expected):
    folder = os.path.join(models, "t5_encoder")
    with open(os.path.join(folder, form + ".mlir")) as file:
        text = file.read()
    for old, new in replacements:
        assert old in text, f"{name}: the model has no '{old}'"
        text = text.replace(old, new)
    edited, raised, result = (f"{scratch}.{name}.{end}" for end in ("mlir", "raised.mlir", "npy"))
    with open(edited, "w") as file:
        file.write(text)
    done = run("posenc-opt", "--posenc-raise", edited, "-o", raised)
    with open(raised) as file:
        found = file.read()
    if expected is None:
        assert "posenc.attention" not in found, f"{name}: expected it to stay as it was"
        assert "expected an index that is a function of position" in done.stderr, done.stderr
        return
    assert found.count("posenc.attention") == 1 and expected in found, f"{name}: {found[:6000]}"
    lengths = ("", "_long") if form == "linalg_dyn" else ("",)
    for length in lengths:
        argument = os.path.join(folder, f"in0{length}.npy")
        run("posenc-run", "--raise=off", edited, "--in", argument, "--out", result)
        run("posenc-run", "--raise=off", raised, "--in", argument, "--expect", result,
            "--rtol=1e-4", "--atol=1e-5")


for name, edit in EDITS.items():
    check(name, *edit)
