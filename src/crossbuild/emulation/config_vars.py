"""Gives a Python that is for the host the config vars of the cross Python, with this machine's compilers and places.

So a wheel is compiled with the same flags, whichever of the two runs the hooks. It is installed for the host's Python,
of any version, with a link to those variables beside it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # the module typing takes long to import under an emulator
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

LINK = "_crossbuild_sysconfigdata.py"
_RECORDS = "_sysconfigdata"
"""How the names of the modules begin that CPython reads them from (Lib/sysconfig)."""


class _Finder:
    @staticmethod
    def find_spec(name: str, *_: object) -> ModuleSpec | None:
        if not name.startswith(_RECORDS):
            return None
        from importlib.util import spec_from_file_location

        return spec_from_file_location(name, os.path.join(os.path.dirname(__file__), LINK))


if not __package__:  # as it is where it is installed
    sys.meta_path.insert(0, _Finder)
