#!/usr/bin/env python3
"""Runs the `$ command` lines in ```console blocks of a document, in order, in a
folder that has the repository's own folders as links. A command must end in exit code
0, or in the one that its comment `# exit N` states, and the lines shown under it must
appear in what it prints in that order.

usage: run_doc_commands.py DOCUMENT FOLDER [SHELL...]   (/bin/sh -c)
"""
import os
import re
import subprocess
import sys


def commands_of(document):
    """Pairs of a command and the lines shown under it."""
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
    return commands


def link_repository(document, folder):
    root = os.path.dirname(document)
    while not os.path.exists(os.path.join(root, "CMakeLists.txt")) or not os.path.exists(os.path.join(root, "LICENSE")):
        root = os.path.dirname(root)
    for name in ("examples", "test", "docs"):
        os.symlink(os.path.join(root, name), os.path.join(folder, name))


def run(command, shell, folder):
    """The lines of the command's output and errors."""
    print("$ " + command, flush=True)
    stated = re.search(r"# exit (\d+)$", command)
    # `python3` in a command is the interpreter that runs this.
    environment = dict(os.environ)
    environment["PATH"] = os.path.dirname(sys.executable) + os.pathsep + environment["PATH"]
    done = subprocess.run([*shell, command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    expected = int(stated.group(1)) if stated else 0
    assert done.returncode == expected, "exit code %d, not %d\n%s" % (done.returncode, expected, done.stdout)
    return done.stdout.splitlines()


def main():
    document, folder, shell = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if not shell:
        link_repository(document, folder)
    for command, expected in commands_of(document):
        output = run(command, shell or ["/bin/sh", "-c"], folder)
        lines = iter(output)
        for wanted in expected:
            assert any(wanted == line for line in lines), "missing from the output: %s\n%s" % (wanted, "\n".join(output))


if __name__ == "__main__":
    main()
