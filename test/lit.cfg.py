# Runs the IR tests: every .mlir and .test file below this folder.
import os
import shutil
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
# Where mpc looks for the assembler, and in that order.
toolkits = [os.environ.get("CUDA_HOME", ""), os.environ.get("CUDA_PATH", ""), "/usr/local/cuda"]
config.ptxas = shutil.which("ptxas") or shutil.which(
    "ptxas", path=os.pathsep.join(os.path.join(toolkit, "bin") for toolkit in toolkits if toolkit))
if config.ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", config.ptxas))
config.substitutions.append(("%builddir", config.mpc_build_dir))
# Runs a command on a machine with a fake GPU; see test/unit/cuda/fake/FakeCuda.h.
config.substitutions.append(
    ("%fake-gpu", "env LD_LIBRARY_PATH=" + os.path.join(config.mpc_build_dir, "test", "fake-cuda")))
