"""Kernels with a planted bug and their correct twins, on the emulator.

    python -m posenc_testing.planted FILE.mlir

A file is both kernels. Its marks are comments at the end of a line, or in the header:

    // CHIPS: sm_80 sm_90a      the targets; all must behave alike
    // IN: np.arange(64, …)     an argument, in order; a0, a1, … are the earlier ones
    // OUT: a0[::-1]            what the twin gives, in order; bit for bit, or within // TOLERANCE: 1e-6
    … // BUG                    a line of the buggy kernel alone
    … // FIX                    a line of the twin alone
    … // ERROR: text            the report is at this line and has this text
    … // NOTE: text             and the other party is at this line
    … // PARTY: text            (on one line or several) error and note are both at such lines, and the
                                error has the text: for races, whose first party depends on the schedule
    // WRONG                    (header) nothing to report: the buggy kernel's result is wrong
    // STATIC                   (header) found before the kernel runs: names no block and thread
    // UNMODELLED: op           (header) the twin passes the static check and ends, with exit code 1, at
                                ops of this name, which have no model

Both kernels keep the line numbers of the file. The buggy one must end with exit code 1 and that report
(3 for WRONG) under every schedule of a few, the twin with 0, the right numbers, the same bits under
every schedule, and not a word on stderr.
"""

import os
import re
import subprocess
import sys
import tempfile

import numpy as np

MARK = re.compile(r"\s*//\s*(.*)$")
THREAD = r"in kernel @[\w.$-]+, block \(\d+,\d+,\d+\), thread \(\d+,\d+,\d+\)"


class Planted:
    def __init__(self, path):
        self.path = path
        with open(path) as file:
            self.lines = file.read().split("\n")
        self.headers = [MARK.match(line).group(1) for line in self.lines if MARK.match(line)]
        self.wrong, self.static = "WRONG" in self.headers, "STATIC" in self.headers
        self.chips = self.header("CHIPS")[0].split()
        self.unmodelled = (self.header("UNMODELLED") or [""])[0]
        self.seeds = "0-19" if os.environ.get("POSENC_ALL") else "0-4"
        self.tolerance = float((self.header("TOLERANCE") or ["0"])[0])

    def header(self, key):
        return [line[len(key) + 1:].strip() for line in self.headers if line.startswith(key + ":")]

    def variant(self, without):
        """The text with the lines of the other kernel blanked, so that numbers stay."""
        marked = re.compile(r"//.*\b%s\b" % without)
        return "\n".join("" if marked.search(line) else line for line in self.lines)

    def marks(self, key):
        """(line, text) of every mark of this kind."""
        found = []
        for number, line in enumerate(self.lines, 1):
            match = re.search(r"//.*\b%s:\s*(.*)$" % key, line)
            if match:
                found.append((number, match.group(1).strip()))
        return found

    def arrays(self):
        scope = {"np": np}
        inputs = []
        for text in self.header("IN"):
            inputs.append(np.ascontiguousarray(eval(text, scope)))
            scope["a%d" % (len(inputs) - 1)] = inputs[-1]
        return inputs, [np.asarray(eval(text, scope)) for text in self.header("OUT")]


def run(planted, without, chip, folder, seeds):
    name = os.path.join(folder, os.path.basename(planted.path))
    with open(name, "w") as file:
        file.write(planted.variant(without))
    command = ["posenc-run", name, "--target=emulate:" + chip, "--emulate-schedule=" + seeds,
               "--rtol=0", "--atol=%r" % planted.tolerance, "--raise=off"]
    inputs, outputs = planted.arrays()
    for flag, arrays in ("in", inputs), ("expect", outputs):
        for index, array in enumerate(arrays):
            file = os.path.join(folder, "%s%d.npy" % (flag, index))
            np.save(file, array)
            command.append("--%s=%s" % (flag, file))
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def messages(kind, stderr, name):
    """(line, text) of the reports of a kind at the file."""
    pattern = r"(?m)^\S*%s:(\d+):\d+: %s: (.*)$" % (re.escape(os.path.basename(name)), kind)
    return [(int(line), text) for line, text in re.findall(pattern, stderr)]


def report_complaints(planted, stderr):
    errors = messages("error", stderr, planted.path)
    notes = messages("note", stderr, planted.path)
    parties = planted.marks("PARTY")
    lines = {line for line, _ in parties}
    complaints = []

    def expect(found, line, text, kind):
        if not any(got == line and text in words for got, words in found):
            complaints.append("no %s at line %d with '%s'" % (kind, line, text))
    for line, text in planted.marks("ERROR"):
        expect(errors, line, text, "error")
    for line, text in planted.marks("NOTE"):
        expect(notes, line, text, "note")
    if parties:
        text = parties[0][1]
        if not any(line in lines and text in words for line, words in errors):
            complaints.append("no error at lines %s with '%s'" % (sorted(lines), text))
        if not any(line in lines for line, _ in notes):
            complaints.append("no note at lines %s" % sorted(lines))
    elif not planted.marks("ERROR"):
        complaints.append("the file expects no report")
    if not planted.static and not re.search("emulator: .* " + THREAD, stderr):
        complaints.append("no report names kernel, block and thread")
    return complaints


def check_bug(planted, chip, seed, folder):
    bug = run(planted, "FIX", chip, folder, seed)
    expected, complaints = 3 if planted.wrong else 1, []
    if bug.returncode != expected:
        complaints.append("exit code %d instead of %d" % (bug.returncode, expected))
    if not planted.wrong:
        complaints += report_complaints(planted, bug.stderr)
    return ["the bug under schedule %s: %s" % (seed, "\n".join(complaints + [bug.stderr]))
            ] if complaints else []


def check_twin(planted, chip, folder):
    twin = run(planted, "BUG", chip, folder, planted.seeds)
    good = twin.returncode == 0 and not twin.stderr
    if planted.unmodelled:
        errors = [text for _, text in messages("error", twin.stderr, planted.path)]
        good = twin.returncode == 1 and all("not modelled" in text for text in errors) and any(
            "'%s'" % planted.unmodelled in text for text in errors)
    return [] if good else ["the twin: exit code %d\n%s" % (twin.returncode, twin.stderr)]


def check(planted, chip, folder):
    complaints = []
    for seed in ("0", "1", "2") if os.environ.get("POSENC_ALL") else ("0",):
        complaints += check_bug(planted, chip, seed, folder)
    return complaints + check_twin(planted, chip, folder)


def main(path):
    planted, failed = Planted(path), False
    for chip in planted.chips:
        with tempfile.TemporaryDirectory(prefix="posenc-planted-") as folder:
            for complaint in check(planted, chip, folder):
                failed = True
                print("%s on %s: %s" % (path, chip, complaint))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1])
