# RUN: %python %s %posenc_src
"""Every line of the trap list, D1 to D18, has a file of tests with its number, and each file can fail."""
import ast
import pathlib
import re
import sys
import unittest

FOLDER = pathlib.Path(sys.argv.pop(1)) / "test/Traps"
LAST = 18


def tests_of(path):
    """Functions called test_… and what they call on self."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, {call.func.attr for call in ast.walk(node)
                              if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)}


class Index(unittest.TestCase):
    def test_all_numbers(self):
        numbers = [re.match(r"D(\d\d)-", path.name) for path in sorted(FOLDER.glob("D*.py"))]
        self.assertEqual([int(n[1]) for n in numbers], list(range(1, LAST + 1)))

    def test_files_say_their_number_and_can_fail(self):
        for path in sorted(FOLDER.glob("D*.py")):
            number = int(path.name[1:3])
            text = path.read_text(encoding="utf-8")
            self.assertIn('"""D%d. ' % number, text, path.name)
            tests = dict(tests_of(path))
            self.assertTrue(tests, path.name)
            # `check` with readings that it must not take, or an explicit difference.
            self.assertTrue(any(call.startswith("assert") or call in ("check", "compare", "same")
                                for calls in tests.values() for call in calls), path.name)


unittest.main()
