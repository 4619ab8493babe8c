# Configuration of posenc's lit suites. See docs/Testing.md.
import os
import shutil
import sys

# The workers import the test format by name.
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
import posenc_lit  # noqa: E402

config.name = "posenc"
config.test_format = posenc_lit.QuotingShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".py"]
config.excludes = ["Inputs", "lib", "lit.cfg.py", "lit.site.cfg.py", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.posenc_binary_dir, "test")

# Unset variables in CHECK lines do not leak from one function to the next.
config.environment["FILECHECK_OPTS"] = "-enable-var-scope --allow-unused-prefixes=false"
for name in ("OMP_NUM_THREADS", "POSENC_SEED", "POSENC_CASES", "HOME", "TMPDIR"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
config.environment["PYTHONPATH"] = os.pathsep.join(
    [os.path.join(config.test_source_root, "lib"), os.path.join(config.posenc_source_dir, "python")])
config.environment["POSENC_BIN"] = config.posenc_tools_dir
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"

path = [config.posenc_tools_dir, config.llvm_tools_dir, os.environ.get("PATH", "")]
config.environment["PATH"] = os.pathsep.join(path)
# Seconds. The full matrices run for longer than the samples.
lit_config.max_individual_test_time = 7200 if lit_config.params.get("all") else 1200

config.substitutions.append(("%python", config.python_executable))
config.substitutions.append(("%inputs", os.path.join(config.test_source_root, "Inputs")))
config.substitutions.append(("%models", os.path.join(config.posenc_binary_dir, "models")))
config.substitutions.append(("%unseen", os.path.join(config.posenc_binary_dir, "unseen")))
config.substitutions.append(("%plugin", os.path.join(config.posenc_library_dir, "posenc-plugin.so")))
config.substitutions.append(("%rewrites", os.path.join(config.posenc_library_dir, "posenc-test-rewrites.so")))
config.substitutions.append(("%posenc_src", config.posenc_source_dir))
config.substitutions.append(("%posenc_bin", config.posenc_binary_dir))

# What is optional on a machine: run such a test by installing the tool.
if os.path.exists(os.path.join(config.posenc_tools_dir, "posenc-unit-tests")):
    config.available_features.add("unit-tests")
if shutil.which("ptxas"):
    config.available_features.add("ptxas")
if os.path.exists("/dev/nvidiactl"):
    config.available_features.add("cuda")
if os.path.exists(os.path.join(config.llvm_tools_dir, "ld.lld")):
    config.available_features.add("lld")
if lit_config.params.get("all"):
    config.available_features.add("all")
    config.environment["POSENC_ALL"] = "1"
if lit_config.params.get("oracles"):
    config.available_features.add("oracles")
