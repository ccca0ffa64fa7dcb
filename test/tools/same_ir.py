#!/usr/bin/env python3
"""Succeeds if two programs are the same.

usage: same_ir.py [--without-names] A.mlir B.mlir

--without-names leaves out which nodes of the model an op stands for: the attributes
`node` and `op_type`. Two ways to write a layer have different nodes.
"""
import difflib
import re
import sys

NAMES = re.compile(r'(, )?node = \[[^\]]*\](, )?|(, )?op_type = "[^"]*"(, )?')


def lines(path, with_names):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not with_names:
        text = NAMES.sub(lambda match: ", " if match[1] and match[2] or match[3] and match[4] else "", text)
    return text.splitlines()


def main():
    arguments = sys.argv[1:]
    with_names = "--without-names" not in arguments
    first, second = (lines(path, with_names) for path in arguments if path != "--without-names")
    assert len(first) > 10, "no program"
    difference = list(difflib.unified_diff(first, second, *arguments[-2:], lineterm=""))
    print("\n".join(difference))
    return bool(difference)


if __name__ == "__main__":
    sys.exit(main())
