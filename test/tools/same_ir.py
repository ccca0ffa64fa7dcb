#!/usr/bin/env python3
"""Succeeds if two programs are the same.

usage: same_ir.py [--without-names] A.mlir B.mlir

--without-names compares what is computed and leaves out which nodes of the model an
op stands for (the attributes `node` and `op_type`) and the order of ops that do not
depend on each other: two ways to write a layer have different nodes.
"""
import collections
import difflib
import hashlib
import re
import sys

NAMES = re.compile(r'(?:, )?\b(?:node = \[[^\]]*\]|op_type = "[^"]*")')
DEFINITION = re.compile(r"^((?:%\w+(?::\d+)?)(?:, %\w+)*) = ")
USE = re.compile(r"%\w+(?:#\d+)?")


def canonical(lines):
    """Each line with operands named after what computes them, sorted. Lines that
    are equal then compute the same."""
    meanings = collections.defaultdict(lambda: "?")
    result = []
    for line in lines:
        line = NAMES.sub("", line.strip()).replace("{, ", "{")
        definition = DEFINITION.match(line)
        for name in re.findall(r"(%arg\d+):", line):
            meanings[name] = name
        body = USE.sub(lambda use: meanings[use[0]], line[definition.end():] if definition else line)
        if definition:
            digest = hashlib.sha256(body.encode()).hexdigest()[:12]
            for number, name in enumerate(definition[1].split(", ")):
                group = name.split(":")
                for i in range(int(group[1]) if len(group) > 1 else 1):
                    key = group[0] + ("#%d" % i if len(group) > 1 else "")
                    meanings[key] = "<%s.%d>" % (digest, number + i)
            body = "<%s> = " % digest + body
        result.append(body)
    return sorted(result)


def read(path, with_names):
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert len(lines) > 10, "no program in " + path
    return lines if with_names else canonical(lines)


def main():
    paths = [argument for argument in sys.argv[1:] if argument != "--without-names"]
    first, second = (read(path, len(paths) == len(sys.argv) - 1) for path in paths)
    difference = list(difflib.unified_diff(first, second, *paths, lineterm=""))
    print("\n".join(difference))
    return bool(difference)


if __name__ == "__main__":
    sys.exit(main())
