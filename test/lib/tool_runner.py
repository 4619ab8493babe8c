"""Runs posenc's tools for the tests in test/Tools and checks how they end."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np

OK, BAD_INPUT, USAGE, MISMATCH = 0, 1, 2, 3


def is_root():
    return os.geteuid() == 0


class ToolTest(unittest.TestCase):
    """A test case with a folder of its own as the current one."""

    tool = "posenc-run"

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="posenc-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return name

    def save(self, name, array):
        np.save(self.path(name), array)
        return name

    def load(self, name):
        return np.load(self.path(name))

    def run_tool(self, *arguments, tool=None, environment={}):
        return subprocess.run([tool or self.tool, *arguments], cwd=self.folder, capture_output=True,
                              text=True, timeout=600, env={**os.environ, **environment})

    def ok(self, *arguments, **options):
        """Runs and expects success; returns stdout."""
        result = self.run_tool(*arguments, **options)
        self.assertEqual(result.returncode, OK, result.stderr)
        return result.stdout

    def fails(self, code, pattern, *arguments, lines=1):
        """Expects an exit code and exactly `lines` lines of error that match."""
        before = sorted(os.listdir(self.folder))
        result = self.run_tool(*arguments)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertRegex(result.stderr, pattern)
        if lines is not None:
            self.assertEqual(len(result.stderr.splitlines()), lines, result.stderr)
        self.assertEqual(result.stdout, "" if code != MISMATCH else result.stdout)
        if code != MISMATCH:
            self.assertEqual(sorted(os.listdir(self.folder)), before, "a partial file is left")
        return result.stderr

    def json(self, code, *arguments):
        """Runs with --json and returns the object, the only thing on stdout."""
        result = self.run_tool(*arguments, "--json")
        self.assertEqual(result.returncode, code, result.stderr)
        return json.loads(result.stdout)


def literal(text):
    """A pattern for exactly this text."""
    return re.escape(text)


def main():
    """Runs the tests of the calling file; the arguments are lit's."""
    unittest.main(argv=sys.argv[:1])
