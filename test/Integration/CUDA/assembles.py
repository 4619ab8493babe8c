# REQUIRES: ptxas
# RUN: %python %s %t sm_80 sm_86 sm_89 sm_90 sm_90a sm_100a sm_120a
"""ptxas accepts every program of the suite, and the PTX has the instruction that the
program is named after."""

import os
import re
import subprocess
import sys

from cuda_suite import module, programs

# Some words of each family that must be there, as PTX writes them.
INSTRUCTIONS = """shfl.sync.bfly shfl.sync.up shfl.sync.down shfl.sync.idx vote.sync.ballot vote.sync.uni
match.any.sync match.all.sync redux.sync.add redux.sync.xor bar.warp.sync
ldmatrix.sync.aligned.m8n8.x4.shared ldmatrix.sync.aligned.m8n8.x1.trans.shared
mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16
mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
mma.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.s8.s32
cp.async.ca.shared.global cp.async.cg.shared.global cp.async.commit_group cp.async.wait_group
cp.async.mbarrier.arrive.noinc.shared.b64 mbarrier.init.shared.b64 mbarrier.test_wait.shared.b64
mbarrier.arrive.noComplete.shared.b64 membar.gl ex2.approx.ftz.f32 ex2.approx.f16x2 rcp.approx.ftz.f32
cvt.rna.tf32.f32 cvt.rn.bf16x2.f32 dp4a.s32.u32 dp2a.hi.s32.s32 prmt.b32.rc16""".split()
SINCE_90 = """elect.sync stmatrix.sync.aligned.m8n8.x4.trans.shared mbarrier.try_wait.parity.shared.b64
mbarrier.arrive.expect_tx.shared.b64 mbarrier.complete_tx""".split()


def compile(chip, path, form):
    command = ["posenc-opt", path, f"--posenc-nvvm-pipeline=chip={chip} format={form}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def check(chip, folder):
    path = os.path.join(folder, chip + ".mlir")
    chosen = programs(chip)
    with open(path, "w") as file:
        file.write(module(chosen))
    cubin, ptx = compile(chip, path, "cubin"), compile(chip, path, "ptx")
    print(f"{chip}: {len(chosen)} programs, exit codes {cubin.returncode} and {ptx.returncode}")
    print((cubin.stderr + ptx.stderr)[:4000])
    version = int(re.sub(r"\D", "", chip))
    wanted = INSTRUCTIONS + (SINCE_90 if version >= 90 else [])
    missing = [name for name in wanted if name not in ptx.stdout]
    if missing:
        print("not in the PTX:", *missing)
    return bool(cubin.returncode or ptx.returncode or missing)


def main(folder, *chips):
    os.makedirs(folder, exist_ok=True)
    return any([check(chip, folder) for chip in chips])


sys.exit(main(*sys.argv[1:]))
