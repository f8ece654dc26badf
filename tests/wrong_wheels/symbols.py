"""Symbols that nothing on the host defines."""

from __future__ import annotations

from functools import partial

from tests.unit.wheel_samples import make_elf, make_wheel
from tests.wrong_wheels.changes import EXTENSION, INIT, native
from tests.wrong_wheels.kinds import MUSL, WrongWheel

_OF_PYTHON = {
    "a function of a newer Python": "PyLong_AsInt",
    "a function of Python 3.12": "PyType_GetDict",
    "a function that Python removed": "PyAST_Compile",
    "a private function that Python removed": "_PyEval_CallTracing",
    "a function that no Python has": "PyLong_Imagined",
    "a counter of debug builds": "_Py_RefTotal",
    "a function of free-threaded builds": "_Py_MergeZeroLocalRefcount",
}
_UNKNOWN = {
    "a function that was left out": ("fast_imagined", ()),
    "a function of C++ that was left out": ("_ZN4fast8imaginedEv", ("libstdc++.so.6",)),
    "a private function of no Python": ("_PyLong_Imagined", ()),
    "the module of another extension": ("PyInit_other", ()),
}
_BEYOND = {
    "a function that the stable ABI has since 3.10": ("cp38-abi3", "PyModule_AddType"),
    "a function that the stable ABI has since 3.11": ("cp39-abi3", "PyType_GetName"),
    "a function outside of the stable ABI": ("cp38-abi3", "PyUnicode_AsUTF8"),
    "a private function outside of the stable ABI": ("cp311-abi3", "_PyObject_GetDictPtr"),
    "a type outside of the stable ABI": ("cp36.cp311-abi3", "PyFrame_Type"),
}
_LIBRARY = {"probe.libs/libown.so.1": make_elf(soname="libown.so.1", defines=["own"], undefined=["PyLong_AsInt"])}


def _needing(*symbols: str, libraries: tuple[str, ...] = (), runpath: str = "") -> bytes:
    return make_elf(defines=INIT, undefined=symbols, needed=[*libraries, "libc.so.6"], runpath=runpath)


_LOADING = _needing("own", libraries=("libown.so.1",), runpath="$ORIGIN/../probe.libs")
_OF_MUSL = make_elf(defines=INIT, undefined=["printf", "imagined"], needed=["libc.so"])


def _kind(name: str, content: bytes, finding: str, says: str) -> WrongWheel:
    return WrongWheel(name=name, make=partial(native, content=content), finding=finding, says=says, binary=True)


KINDS = (
    *(_kind(name, _needing(symbol), "python-symbol", symbol) for name, symbol in _OF_PYTHON.items()),
    *(_kind(name, _needing(symbol, libraries=of), "unknown-symbol", symbol) for name, (symbol, of) in _UNKNOWN.items()),
    *(
        WrongWheel(
            name=f"{name}, in {file}",
            make=partial(make_wheel, files={file: _needing("PyList_New", symbol)}, tag=f"{tag}-linux_aarch64"),
            finding="beyond-stable-abi",
            says=symbol,
            binary=True,
        )
        for name, (tag, symbol) in _BEYOND.items()
        for file in ("probe/_fast.abi3.so", "probe/_fast.so")
    ),
    WrongWheel(
        name="a function of a newer Python in a library",
        make=partial(native, content=_LOADING, more=_LIBRARY),
        finding="python-symbol",
        says="probe.libs/libown.so.1: uses PyLong_AsInt",
        binary=True,
    ),
    WrongWheel(
        name="a library that defines what is needed, and is not loaded",
        make=partial(native, content=_needing("own"), more={"probe.libs/libown.so.1": make_elf(defines=["own"])}),
        finding="unknown-symbol",
        says="own",
        binary=True,
    ),
    WrongWheel(
        name="a function that musl does not have",
        make=partial(
            make_wheel,
            files={EXTENSION.replace("gnu", "musl"): _OF_MUSL},
            tag="cp311-cp311-linux_aarch64",
        ),
        finding="unknown-symbol",
        says="imagined",
        binary=True,
        host=MUSL,
    ),
)
