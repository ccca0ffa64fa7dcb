# Runs the IR tests: every .mlir and .test file below this folder.
import json
import os
import subprocess
import lit.formats

config.name = "mpc"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "unit", "fuzz"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.mpc_build_dir, "test", "lit")
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.mpc_build_dir, "bin"), os.path.join(config.mpc_source_dir, "tools", "dev"),
     config.llvm_tools_dir, os.environ["PATH"]])
config.environment["TMPDIR"] = os.environ.get("TMPDIR", "/tmp")
config.substitutions.append(("%examples", os.path.join(config.mpc_source_dir, "examples")))
config.substitutions.append(("%onnxcases", "/usr/share/libonnx-testdata/data"))
# Turns the text of an ONNX model on standard input into a model file.
config.substitutions.append(("%make-onnx", "protoc -I/usr/include --encode=onnx.ModelProto onnx/onnx.proto"))
config.substitutions.append(("%python", config.python))
# Real exports that are too large for the repository.
config.shared_models = os.path.join(config.mpc_source_dir, "..", "shared", "models")
config.substitutions.append(("%shared-models", config.shared_models))
if os.path.isdir(config.shared_models):
    config.available_features.add("shared-models")
config.substitutions.append(("%builddir", config.mpc_build_dir))
# Runs a command on a machine with a fake GPU; see test/unit/cuda/fake/FakeCuda.h.
config.substitutions.append(
    ("%fake-gpu", "env LD_LIBRARY_PATH=" + os.path.join(config.mpc_build_dir, "test", "fake-cuda")))
config.environment["MPC_CACHE_DIR"] = os.path.join(config.mpc_build_dir, "test", "ptxas-cache")
# What mpc itself says of NVIDIA's assembler; tests with code for sm_* need it.
for name in ("CUDA_HOME", "CUDA_PATH", "MPC_PTXAS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
try:
    doctor = subprocess.run([os.path.join(config.mpc_build_dir, "bin", "mpc"), "doctor", "--json"],
                            env=config.environment, capture_output=True, check=False)
    for finding in json.loads(doctor.stdout)["findings"]:
        if finding["name"] == "ptxas" and finding["found"]:
            config.available_features.add("ptxas")
            config.substitutions.append(("%ptxas", finding["what"]))
except (OSError, ValueError):  # mpc is not built
    pass
