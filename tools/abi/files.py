# SPDX-License-Identifier: GPL-2.0-only
"""Reading and replacing files, all or none."""

import os

from abidata import AbiError


def default_root():
    """Top of the source tree that holds this script."""
    return os.path.relpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))


def same(path, text):
    """True if the file exists with exactly this content."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read() == text
    except (OSError, UnicodeDecodeError):
        return False


def write_bytes(path, data):
    """Write a file that is made in the build folder."""
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path + ".new", "wb") as file:
            file.write(data)
        os.replace(path + ".new", path)
    except OSError as err:
        raise AbiError(f"{err.filename}: {err.strerror}") from None


def replace_all(files):
    """Write path -> text. Every byte is on disk before the first file is replaced."""
    temporary = {}
    try:
        for path, text in files.items():
            temporary[path] = path + ".new"
            with open(temporary[path], "w", encoding="utf-8", newline="") as file:
                file.write(text)
        for path in files:
            os.replace(temporary[path], path)
    except OSError as err:
        for name in temporary.values():
            if os.path.exists(name):
                os.unlink(name)
        raise AbiError(f"{err.filename}: {err.strerror}") from None
