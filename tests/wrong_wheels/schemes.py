"""Files and scripts that installers cannot put where they belong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.wrong_wheels.changes import DATA, pure
from tests.wrong_wheels.kinds import WrongWheel

if TYPE_CHECKING:
    from pathlib import Path

_DATA = {
    "an unknown kind of data": (f"{DATA}/lib/x", f"{DATA}/lib is not one of data, headers"),
    "data of no kind": (f"{DATA}/x", f"{DATA}/x is not one of data, headers"),
    "scripts in capitals": (f"{DATA}/Scripts/x", f"{DATA}/Scripts is not one of data, headers"),
    "data of another version": ("probe-2.0.data/data/x", f"it must be {DATA}"),
    "data in another spelling": ("Probe-1.0.data/data/x", f"it must be {DATA}"),
    "a file in place of a kind of data": (f"{DATA}/scripts", "is a file, and must be a directory"),
}
_SAME_PLACE = {
    "a module in two places": f"{DATA}/purelib/probe/__init__.py",
    "a module in the other library": f"{DATA}/platlib/probe/__init__.py",
}
_SCRIPTS = {
    "a script without a function": (b"probe = probe\n", "that is not name = module:function"),
    "a script without a value": (b"probe\n", "its entry_points.txt cannot be read"),
    "a script without a module": (b"probe = :main\n", "that is not name = module:function"),
    "a script with an empty value": (b"probe =\n", "that is not name = module:function"),
    "a script twice": (b"a = a:b\na = a:b\n", "its entry_points.txt cannot be read"),
    "a script above": (b"../../x = a:b\n", "a script named '../../x'"),
    "a script with an absolute path": (b"/usr/bin/x = a:b\n", "a script named '/usr/bin/x'"),
    "a script below": (b"a/b = a:b\n", "a script named 'a/b'"),
    "a script called like its directory": (b". = a:b\n", "a script named '.'"),
    "a script with a backslash": (b"a\\b = a:b\n", "a script named 'a\\\\b'"),
    "a script with a control character": (b"a\x1bb = a:b\n", "a script named 'a\\x1bb'"),
    "a script with a name that is too long": (b"a" * 300 + b" = a:b\n", "a script named 'aaa"),
    "a script that cannot be imported": (b"x = a.1b:c\n", "which Python cannot import"),
    "a script that is a keyword": (b"x = a.class:c\n", "which Python cannot import"),
    "a script that calls more than a function": (b"x = a:b()\n", "that is not name = module:function"),
    "a script with code in it": (b"x = a:b;import os\n", "that is not name = module:function"),
    "scripts with interpolation": (b"x = %(y)s\n", "its entry_points.txt cannot be read"),
    "scripts with the line ends of old": (b"x = a:b\ry = a:b\n", "that is not name = module:function"),
    "a plugin with a line end of its own": (
        b"x = a:b\n[plugins]\ny =\xc2\x85probe.x\n",
        "a control character that ends a line for some readers",
    ),
    "a section with a line end of its own": (
        b"x = a:b\n[plug\x1cins]\ny = probe.x\n",
        "a control character that ends a line for some readers",
    ),
    "a script with a long name": (
        b"x = a:b" + b" " * 2000 + b"[\n",
        "its entry_points.txt has a line of 2008 bytes, which is longer than any wheel needs",
    ),
    "scripts in another encoding": (b"x = \xe9:b\n", "its entry_points.txt is not UTF-8"),
    "sections of scripts twice": (b"a = a:b\n[console_scripts]\nb = a:b\n", "its entry_points.txt cannot be read"),
}


def _scripts(at: Path, lines: bytes) -> Path:
    return pure(at, entry_points=b"[console_scripts]\n" + lines)


KINDS = (
    *(
        WrongWheel(name=what, make=partial(pure, more={file: b"x"}), finding="malformed-wheel", says=says)
        for what, (file, says) in _DATA.items()
    ),
    *(
        WrongWheel(
            name=what,
            make=partial(pure, more={file: b"y = 1\n"}),
            finding="colliding-files",
        )
        for what, file in _SAME_PLACE.items()
    ),
    *(
        WrongWheel(name=what, make=partial(_scripts, lines=lines), finding="malformed-wheel", says=says)
        for what, (lines, says) in _SCRIPTS.items()
    ),
    WrongWheel(
        name="scripts without a section",
        make=lambda at: pure(at, entry_points=b"x = a:b\n"),
        finding="malformed-wheel",
        says="its entry_points.txt cannot be read",
    ),
    WrongWheel(
        name="two scripts of one name",
        make=lambda at: pure(at, entry_points=b"[console_scripts]\nx = a:b\n[gui_scripts]\nx = a:c\n"),
        finding="colliding-files",
    ),
    WrongWheel(
        name="a script and a file of one name",
        make=lambda at: pure(at, {f"{DATA}/scripts/x": b"#!python\n"}, entry_points=b"[console_scripts]\nx = a:b\n"),
        finding="colliding-files",
    ),
)
