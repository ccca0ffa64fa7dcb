"""spills.py ARTIFACT FOLDER PTXAS: assembles the PTX of an artifact for sm_80 and fails if a product
or convolution spills."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "training"))
import safetensors


def main():
    artifact, folder, ptxas = sys.argv[1:]
    tensors, manifest = safetensors.read(artifact)
    image = next(t["image"] for t in manifest["targets"] if t["isa"] == "compute_80")
    os.makedirs(folder, exist_ok=True)
    text = os.path.join(folder, "kernels.ptx")
    with open(text, "wb") as file:
        file.write(tensors[image].tobytes().rstrip(b"\0"))
    report = subprocess.run([ptxas, "-v", "-arch=sm_80", text, "-o", os.path.join(folder, "kernels.cubin")],
                            check=True, capture_output=True, text=True).stderr
    seen = 0
    for name, stores, loads in re.findall(
            r"Function properties for (\w+)\n.*?(\d+) bytes spill stores, (\d+) bytes spill loads", report):
        if not re.search(r"gemm|matmul|conv", name):
            continue
        seen += 1
        if int(stores) or int(loads):
            sys.exit(f"{name} spills {stores} bytes and loads {loads}")
    if not seen:
        sys.exit("no product in the report:\n" + report)


main()
