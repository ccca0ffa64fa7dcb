#!/usr/bin/env python3
"""Runs the `$ command` lines in ```console blocks of a document, in order, in a
folder that has the repository's own folders as links. A command must succeed, and
lines shown under it must appear in its output in that order.

usage: run_doc_commands.py DOCUMENT FOLDER
"""
import os
import subprocess
import sys

document, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
root = os.path.dirname(document)
while not os.path.exists(os.path.join(root, "CMakeLists.txt")) or not os.path.exists(os.path.join(root, "LICENSE")):
    root = os.path.dirname(root)
for name in ("examples", "test", "docs"):
    os.symlink(os.path.join(root, name), os.path.join(folder, name))

# `python3` in a command is the interpreter that runs this.
environment = dict(os.environ)
environment["PATH"] = os.path.dirname(sys.executable) + os.pathsep + environment["PATH"]
commands = []
inside = False
for line in open(document, encoding="utf-8"):
    line = line.rstrip("\n")
    if line.startswith("```"):
        inside = line == "```console"
    elif inside and line.startswith("$ "):
        commands.append((line[2:], []))
    elif inside and line not in ("...", ""):
        commands[-1][1].append(line)

assert commands, "no commands in " + document
for command, expected in commands:
    print("$ " + command, flush=True)
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, "exit code %d" % done.returncode
    lines = iter(done.stdout.splitlines())
    for wanted in expected:
        assert any(wanted == line for line in lines), "missing from the output: " + wanted
