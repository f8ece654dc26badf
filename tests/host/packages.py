"""Real packages, and the least that shows that their compiled parts work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package of the index and its smoke test."""

    name: str
    smoke: str
    """Python code that fails unless the compiled part is there and works."""
    runtime: tuple[str, ...] = ()
    """Pure packages that the smoke test imports."""


_SOLVE = """
import kiwisolver as k
solver, x = k.Solver(), k.Variable("x")
solver.addConstraint(x == 3)
solver.updateVariables()
assert x.value() == 3
try:
    solver.addConstraint((x == 4) | "required")
except k.UnsatisfiableConstraint:
    pass
else:
    raise AssertionError("a C++ exception did not become a Python exception")
"""

_CALL = """
import struct, cffi
ffi = cffi.FFI()
assert ffi.sizeof("void *") == struct.calcsize("P")
ffi.cdef("int abs(int);")
assert ffi.dlopen(None).abs(-3) == 3
"""

_COMPUTE = """
import numpy as np
assert np.allclose(np.linalg.solve(np.eye(3) * 2, [1, 2, 3]), [.5, 1, 1.5])
assert np.allclose(np.fft.ifft(np.fft.fft([1, 2, 3])), [1, 2, 3])
assert np.random.default_rng(0).random() == 0.6369616873214543
assert np.longdouble(1) / 3 != 0 and np.dtype(np.intp).itemsize == __import__("struct").calcsize("P")
"""

PACKAGES = {
    package.name: package
    for package in (
        Package(name="markupsafe", smoke="import markupsafe._speedups as s; assert s._escape_inner('<') == '&lt;'"),
        Package(
            name="pyyaml",
            smoke="import yaml; assert yaml.load('a: [1, 2.5]', yaml.CSafeLoader) == {'a': [1, 2.5]}",
        ),
        Package(
            name="msgpack",
            smoke="import msgpack._cmsgpack as m; assert m.unpackb(m.Packer().pack({'a': [2.5]})) == {'a': [2.5]}",
        ),
        Package(name="kiwisolver", smoke=_SOLVE),
        Package(name="cffi", smoke=_CALL, runtime=("pycparser",)),
        Package(
            name="rapidfuzz", smoke="from rapidfuzz import fuzz_cpp; assert round(fuzz_cpp.ratio('abc', 'abd')) == 67"
        ),
        Package(name="numpy", smoke=_COMPUTE),
    )
}
