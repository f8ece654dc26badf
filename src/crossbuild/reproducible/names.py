"""Fixed names, in the text of a wheel, for this machine's directories.

Build tools write down where they were: the Python that ran them, the options that they gave to a compiler. Compilers
are told such names by options (``toolchain.compilers``, ``native.cargo``). Of what others write, only text can be
changed: what follows a path in binary data may depend on its length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crossbuild.wheels.archive import open_wheel
from crossbuild.wheels.retag import change_members

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BEFORE = rb"(?:(?<![\w.~)}%*\]-])|(?<=\W-[A-Za-z])|(?<=^-[A-Za-z])|(?<=-isystem)|(?<=-idirafter))"
"""What a path may follow: not the end of another path, but the option that it is for."""
_AFTER = rb"(?![\w-]|\.\w)"
"""What may follow the name of a directory: not the rest of a longer one."""


def write_fixed_names(wheel: Path, names: Mapping[Path, str]) -> None:
    """Put ``names`` for directories of this machine into all text files in ``wheel``. Raises AuditError."""
    changed: dict[str, bytes] = {}
    with open_wheel(wheel) as archive:
        for info in archive.members:
            content = archive.read(info.filename)
            if (new := with_fixed_names(content, names)) != content:
                changed[info.filename] = new
    change_members(wheel, changed)


def with_fixed_names(content: bytes, names: Mapping[Path, str]) -> bytes:
    """Return ``content`` with ``names`` for these directories; as it is unless it is text."""
    known = {bytes(place): name.encode() for path, name in names.items() for place in (path, path.resolve())}
    if b"\0" in content or not any(path in content for path in known):
        return content
    # One can be in another: the build directory in the cache, say.
    longest = sorted(known, key=len, reverse=True)
    pattern = _BEFORE + rb"(" + rb"|".join(map(re.escape, longest)) + rb")" + _AFTER
    return re.sub(pattern, lambda found: known[found[1]], content, flags=re.MULTILINE)
