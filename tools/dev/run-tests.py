#!/usr/bin/env python3
"""Runs the checks of the source tree, the unit tests and the IR tests, and counts
them all.

usage: run-tests.py BUILD_DIR
"""
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LLVM = "/usr/lib/llvm-22/bin"


class Totals:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add_junit(self, path):
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            name = "%s %s" % (case.get("classname", ""), case.get("name"))
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed.append(name)
                print("FAILED: " + name)
                print("\n".join(part.text for part in case.iter() if part.text and part.text.strip()))
            elif case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
                self.skipped.append(name)
            else:
                self.passed += 1

    def add_command(self, name, command):
        started = time.time()
        code = subprocess.call(command, cwd=ROOT)
        print("%s: %s (%.0f s)" % (name, "ok" if code == 0 else "FAILED", time.time() - started), flush=True)
        if code == 0:
            self.passed += 1
        else:
            self.failed.append(name)


def run_reporting(totals, name, command, report):
    """Runs a test runner that writes a JUnit report; prints what failed. Its own
    output, a line or more per test, goes into a log beside the report."""
    if os.path.exists(report):
        os.remove(report)
    log = os.path.splitext(report)[0] + ".log"
    print("%s: running; progress: tail -f %s" % (name, os.path.relpath(log, ROOT)), flush=True)
    started = time.time()
    with open(log, "w", encoding="utf-8") as output:
        code = subprocess.call(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    if not os.path.exists(report):
        totals.failed.append("%s wrote no report (exit code %d)" % (name, code))
        with open(log, encoding="utf-8", errors="replace") as output:
            print(output.read())
        return
    passed, failed = totals.passed, len(totals.failed)
    totals.add_junit(report)
    if code != 0 and len(totals.failed) == failed:
        totals.failed.append("%s exited with %d" % (name, code))
    print("%s: %d passed, %d failed (%.0f s)" % (name, totals.passed - passed, len(totals.failed) - failed,
                                                 time.time() - started), flush=True)


def main():
    build = os.path.abspath(sys.argv[1])
    totals = Totals()
    checks = os.path.join(ROOT, "tools", "dev", "checks")
    for check in sorted(os.listdir(checks)):
        totals.add_command("check " + check, [os.path.join(checks, check), build])
    report = os.path.join(build, "ctest.xml")
    run_reporting(totals, "ctest",
                  ["ctest", "--test-dir", build, "-LE", "gpu", "-E", "^lit$", "-j2", "--timeout", "300",
                   "--output-on-failure", "--no-tests=error", "--output-junit", report], report)
    report = os.path.join(build, "lit.xml")
    run_reporting(totals, "lit",
                  [sys.executable, os.path.join(LLVM, "lit"), "-v", "-j2", "--timeout", "900", "--xunit-xml-output", report,
                   os.path.join(build, "test")], report)
    for name in totals.failed:
        print("failed: " + name)
    for name in totals.skipped:
        print("skipped: " + name)
    line = "%d passed, %d failed" % (totals.passed, len(totals.failed))
    print(line + (", %d skipped" % len(totals.skipped) if totals.skipped else ""))
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main())
