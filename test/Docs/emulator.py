# RUN: %python %s %posenc_src %posenc_bin
"""The instructions that docs/Emulator.md lists are those that the emulator has models of.

With --update as a third argument the list is written anew.
"""

import ctypes
import os
import re
import sys
import textwrap

SOURCE, BINARY = sys.argv[1:3]
PAGE = os.path.join(SOURCE, "docs", "Emulator.md")
LIST = re.compile(r"(<!-- instructions: .*? -->\n)(.*?)(<!-- end of instructions -->)", re.S)


def modelled():
    runtime = ctypes.CDLL(os.path.join(BINARY, "lib", "libposenc_runtime.so"))
    runtime.posenc_last_error.restype = runtime.posenc_device_query.restype = ctypes.c_char_p
    device = ctypes.c_void_p()
    if runtime.posenc_device_open(b"emulate:sm_90a", None, ctypes.byref(device)):
        sys.exit(runtime.posenc_last_error().decode())
    return runtime.posenc_device_query(device, b"instructions").decode().split()


def listing(names):
    """A paragraph per dialect."""
    text = ""
    for family in sorted({name.split(".")[0] for name in names}):
        words = ", ".join("`%s`" % name for name in names if name.split(".")[0] == family)
        text += "\n" + textwrap.fill(words, 118, break_long_words=False, break_on_hyphens=False) + "\n"
    return text + "\n"


def main():
    with open(PAGE) as file:
        page = file.read()
    names = modelled()
    if sys.argv[3:] == ["--update"]:
        with open(PAGE, "w") as file:
            file.write(LIST.sub(lambda m: m.group(1) + listing(names) + m.group(3), page))
        return
    listed = re.findall(r"`([\w.]+)`", LIST.search(page).group(2))
    missing, gone = sorted(set(names) - set(listed)), sorted(set(listed) - set(names))
    for what, some in (("is not listed", missing), ("has no model", gone)):
        for name in some:
            print("%s %s" % (name, what))
    sys.exit(1 if missing or gone else 0)


main()
