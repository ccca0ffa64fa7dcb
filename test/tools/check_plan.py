#!/usr/bin/env python3
"""Checks a folder of --emit: every file that plan.json names is there and nothing else
is, its data holds what buffers and states name, and its targets are those of the
artifact of the same program.

usage: check_plan.py FOLDER [ARTIFACT.mpx]
"""
import json
import os
import struct
import sys


def header(path):
    with open(path, "rb") as file:
        return json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))


folder = sys.argv[1]
plan = json.load(open(os.path.join(folder, "plan.json"), encoding="utf-8"))
files = {"plan.json"} | {target["module"] for target in plan["targets"]} | ({plan["data"]} if "data" in plan else set())
assert set(os.listdir(folder)) >= files, files

named = {buffer["tensor"] for target in plan["targets"] for buffer in target["buffers"] if buffer["kind"] == "constant"}
named |= {state["init"]["tensor"] for state in plan["states"] if state["init"]["kind"] == "data"}
held = set(header(os.path.join(folder, plan["data"]))) if "data" in plan else set()
assert named == {name for name in held if name != "__metadata__" and not name.startswith("_pad.")}, (named, held)

for target in plan["targets"]:
    memory = target["memory"]
    assert memory["total"] == sum(memory.values()) - memory["total"], memory
    for entry in target["entries"].values():
        for launch in entry["launches"]:
            assert launch["kernel"] < len(target["kernels"])
            assert all(arg < len(target["buffers"]) for arg in launch["args"])
            access = target["kernels"][launch["kernel"]]["access"]
            assert len(access) == len(launch["args"]) and "w" in access, access

if len(sys.argv) > 2:
    manifest = json.loads(header(sys.argv[2])["__metadata__"]["mpc.manifest"])
    ours = {target["target"]: target for target in plan["targets"]}
    for target in manifest["targets"]:
        for key in ("buffers", "kernels", "entries", "arena_bytes"):
            assert ours[target["target"]][key] == target[key], key
