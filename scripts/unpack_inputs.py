#!/usr/bin/env python3
"""Unpacks the model cases that the tests read.

    unpack_inputs.py ARCHIVES OUT [--stamp FILE]

Every ARCHIVES/CASE.tar.xz becomes the folder OUT/CASE. A case is unpacked
again only when its archive has changed since.
"""
import argparse
import hashlib
import pathlib
import shutil
import sys
import tarfile


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_members(archive, case):
    """Only plain files inside the case's own folder: an archive writes nowhere else."""
    for member in archive.getmembers():
        parts = pathlib.PurePosixPath(member.name).parts
        if parts[:1] != (case,) or ".." in parts or not (member.isfile() or member.isdir()):
            raise ValueError(f"unexpected member {member.name!r}")
        yield member


def unpack(path, out):
    """Returns whether anything was written."""
    case = path.name[: -len(".tar.xz")]
    mark = out / f".{case}.sha256"
    want = digest(path)
    if mark.exists() and mark.read_text() == want and (out / case).is_dir():
        return False
    mark.unlink(missing_ok=True)
    shutil.rmtree(out / case, ignore_errors=True)
    with tarfile.open(path, "r:xz") as archive:
        members = list(check_members(archive, case))
        for member in members:
            archive.extract(member, out)
    mark.write_text(want)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--stamp", type=pathlib.Path, help="file to touch when done")
    args = parser.parse_args()

    paths = sorted(args.archives.glob("*.tar.xz"))
    if not paths:
        sys.exit(f"error: expected *.tar.xz in {args.archives} but found none")
    args.out.mkdir(parents=True, exist_ok=True)
    for path in paths:
        try:
            unpack(path, args.out)
        except (OSError, ValueError, tarfile.TarError) as e:
            sys.exit(f"error: {path}: {e}")
    if args.stamp:
        args.stamp.touch()


if __name__ == "__main__":
    main()
