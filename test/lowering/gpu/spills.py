"""spills.py REPORT: fails if a product or a convolution in the report of `ptxas -v` spills."""
import re
import sys

report = open(sys.argv[1]).read()
properties = re.findall(
    r"Function properties for (\w+)\n.*?(\d+) bytes spill stores, (\d+) bytes spill loads", report)
products = [entry for entry in properties if re.search("gemm|matmul|conv", entry[0])]
if not products:
    sys.exit("no product in the report:\n" + report)
for name, stores, loads in products:
    if stores != "0" or loads != "0":
        sys.exit(f"{name} spills: {stores} bytes stored, {loads} bytes loaded")
