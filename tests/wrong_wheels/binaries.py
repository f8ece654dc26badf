"""Files that are called like extensions or libraries, and are none."""

from __future__ import annotations

from functools import partial

from tests.unit.wheel_samples import SUFFIX, make_archive, make_elf, make_wheel
from tests.wrong_wheels.changes import EXTENSION, INIT, native
from tests.wrong_wheels.kinds import WrongWheel

_CONTENTS = {
    "empty": b"",
    "nothing but zeros": bytes(8192),
    "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "text": b"<!DOCTYPE html>\n<p>Not found\n",
    "LLVM bitcode": b"BC\xc0\xde\x35\x14",
    "a Mach-O file": b"\xcf\xfa\xed\xfe\x0c\0\0\1",
    "a PE file": b"MZ\x90\0",
    "WebAssembly": b"\0asm\1\0\0\0",
    "a static library": make_archive({"x.o": make_elf(kind="ET_REL")}),
    "a thin static library": b"!<thin>\n/0 ",
    "a zip archive": b"PK\x03\x04\0\0",
    "compressed by gzip": b"\x1f\x8b\x08",
    "no ELF file": b"\x7fELG\2\1\1\0",
}
_NAMES = {
    "an extension": EXTENSION,
    "an extension for several Pythons": "probe/_fast.abi3.so",
    "a plain extension": "probe/_fast.so",
    "a library": "probe.libs/libx.so.1.2",
}
_NOT_SHARED = {
    "an object file": make_elf(kind="ET_REL", defines=INIT),
    "a program": make_elf(kind="ET_EXEC", defines=INIT),
    "a core dump": make_elf(kind="ET_CORE", defines=INIT),
    "a program that can be loaded anywhere": make_elf(
        defines=INIT, interpreter="/lib/ld-linux-aarch64.so.1", program=True
    ),
}
_NO_INIT = {
    "nothing that Python calls": (EXTENSION, make_elf(), "does not export PyInit__fast"),
    "a hidden function": (EXTENSION, make_elf(hidden=INIT), "does not export PyInit__fast"),
    "a function from elsewhere": (EXTENSION, make_elf(undefined=INIT), "does not export PyInit__fast"),
    "the function of another module": (
        EXTENSION,
        make_elf(defines=["PyInit__slow"]),
        "does not export PyInit__fast, so Python cannot import it; it is the module _slow",
    ),
    "the function of Python 2": (EXTENSION, make_elf(defines=["init_fast"]), "does not export PyInit__fast"),
    "a function that Python 3.15 calls": (
        EXTENSION,
        make_elf(defines=["PyModExport__fast"]),
        "does not export PyInit__fast",
    ),
    "a name that is not ASCII": (
        f"probe/größe{SUFFIX}",
        make_elf(defines=["PyInit_größe"]),
        "does not export PyInitU_gre_6ka8i",
    ),
    "the function of a package's __init__": (
        f"probe/__init__{SUFFIX}",
        make_elf(defines=["PyInit___init__"]),
        "does not export PyInit_probe",
    ),
}


KINDS = (
    *(
        WrongWheel(
            name=f"{what} as {place}",
            make=partial(make_wheel, files={name: content, f"probe/good{SUFFIX}": make_elf(defines=["PyInit_good"])}),
            finding="not-a-library",
            says=f"is {what}",
            binary=True,
        )
        for what, content in _CONTENTS.items()
        for place, name in _NAMES.items()
    ),
    *(
        WrongWheel(
            name=f"{what} as the only extension",
            make=partial(native, content=content),
            finding="not-a-library",
            says=f"is {what}",
            binary=True,
        )
        for what, content in _CONTENTS.items()
    ),
    *(
        WrongWheel(
            name=f"{what} as {place}",
            make=partial(make_wheel, files={name: content}),
            finding="not-loadable",
            says=f"is {what.partition(' that')[0]}, which Python cannot load",
            binary=True,
        )
        for what, content in _NOT_SHARED.items()
        for place, name in _NAMES.items()
        if name.endswith(".so")
    ),
    *(
        WrongWheel(
            name=f"an extension with {what}",
            make=partial(make_wheel, files={name: content}),
            finding="no-init-function",
            says=says,
            binary=True,
        )
        for what, (name, content, says) in _NO_INIT.items()
    ),
)
