"""Libraries that the loader does not find, or finds where it should not look."""

from __future__ import annotations

from functools import partial

from tests.unit.wheel_samples import make_elf, make_wheel
from tests.wrong_wheels.changes import EXTENSION, INIT, native
from tests.wrong_wheels.kinds import PROMISED, WrongWheel

_LIBRARY = {"probe.libs/libx.so.1": make_elf(soname="libx.so.1")}


def _needing(library: str, runpath: str = "") -> bytes:
    return make_elf(defines=INIT, needed=[library, "libc.so.6"], runpath=runpath)


_VERSIONED = {"probe.libs/libx.so.1": make_elf(soname="libx.so.1", offers={"X_1": ["x"]})}
_NEWER = make_elf(
    defines=INIT,
    needed=["libx.so.1", "libc.so.6"],
    runpath="$ORIGIN/../probe.libs",
    versions={("libx.so.1", "X_2"): ["x"]},
)

KINDS = (
    WrongWheel(
        name="an older release of a library than was linked",
        make=partial(native, content=_NEWER, more=_VERSIONED),
        finding="missing-version",
        says="needs X_2 of libx.so.1, which probe.libs/libx.so.1 does not define",
        binary=True,
    ),
    *(
        WrongWheel(
            name=f"an extension that is linked with {library}",
            make=partial(native, content=_needing(library)),
            finding="wrong-libpython",
            says=library,
            binary=True,
        )
        for library in ("libpython3.12.so.1.0", "libpython3.10.so.1.0", "libpython3.11d.so.1.0")
    ),
    WrongWheel(
        name="a library without a run path to it",
        make=partial(native, content=_needing("libx.so.1"), more=_LIBRARY),
        finding="library-not-found",
        says="there is no run path",
        binary=True,
    ),
    WrongWheel(
        name="a run path to another directory",
        make=partial(native, content=_needing("libx.so.1", runpath="$ORIGIN/libs"), more=_LIBRARY),
        finding="library-not-found",
        says="the run path is $ORIGIN/libs",
        binary=True,
    ),
    WrongWheel(
        name="a library under another name than it is needed by",
        make=partial(
            native,
            content=_needing("libx.so.1", runpath="$ORIGIN"),
            more={"probe/libx.so.1.2.3": make_elf(soname="libx.so.1")},
        ),
        finding="library-not-found",
        says="the wheel has that library only as probe/libx.so.1.2.3",
        binary=True,
    ),
    WrongWheel(
        name="a library by its path in the build",
        make=partial(native, content=_needing("build/libx.so"), more={"probe/libx.so": make_elf()}),
        finding="library-not-found",
        says="needs build/libx.so, a path that the host does not have",
        binary=True,
    ),
    WrongWheel(
        name="a library that does not find another one",
        make=partial(
            native,
            more={**_LIBRARY, "probe/liby.so": make_elf(needed=["libx.so.1"], soname="liby.so")},
        ),
        finding="library-found-late",
        says="liby.so: needs libx.so.1",
        binary=True,
    ),
    *(
        WrongWheel(
            name=f"a run path {where}",
            make=partial(native, content=make_elf(defines=INIT, rpath=path)),
            finding=finding,
            says=says,
            binary=True,
        )
        for where, path, finding, says in (
            ("of its builder", "/home/me/lib", "foreign-run-path", "/home/me/lib"),
            ("of a package manager", "/opt/homebrew/lib", "foreign-run-path", "/opt/homebrew/lib"),
            ("that depends on where Python starts", "lib", "relative-run-path", "'lib'"),
            ("that has an empty part", "$ORIGIN::/usr/lib", "relative-run-path", "''"),
            ("with a token that the loader does not know", "$HERE/lib", "relative-run-path", "'$HERE/lib'"),
        )
    ),
    WrongWheel(
        name="a library that the tag does not promise",
        make=partial(
            make_wheel, files={EXTENSION: _needing("libpng16.so.16")}, tag="cp311-cp311-manylinux_2_28_aarch64"
        ),
        finding="unpromised-library",
        says="needs libpng16.so.16, which manylinux_2_28_aarch64 does not promise",
        binary=True,
        host=PROMISED,
    ),
)
