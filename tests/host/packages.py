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
    """Pure packages that the smoke test imports; ``{version}`` is that of the package itself."""


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

_PICTURE = """
import io
from PIL import Image, ImageDraw, ImageFont, features
image = Image.new("RGB", (60, 20), "red")
for kind in ("JPEG", "PNG", "WEBP"):
    file = io.BytesIO()
    image.save(file, kind)
    assert Image.open(io.BytesIO(file.getvalue())).convert("RGB").getpixel((5, 5))[0] > 240, kind
assert features.check("freetype2")
"""

_QUERY = """
import os
os.environ["PSYCOPG_IMPL"] = "c"
import psycopg
assert psycopg.pq.__impl__ == "c" and psycopg.pq.version() >= 150000
try:
    psycopg.connect("host=/nonexistent")
except psycopg.OperationalError as error:
    assert "nonexistent" in str(error)
else:
    raise AssertionError("a server that is not there answered")
"""

_SEND = """
import zmq
context = zmq.Context()
one, other = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
one.bind("inproc://here")
other.connect("inproc://here")
other.send(b"hello")
assert one.recv() == b"hello"
context.destroy()
"""

_PARSE = """
from lxml import etree
root = etree.fromstring("<a><b c='1'/></a>")
assert root.xpath("//b/@c") == ["1"]
sheet = etree.XML('<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform">'
                  '<x:template match="/"><d/></x:template></x:stylesheet>')
assert etree.XSLT(sheet)(root).getroot().tag == "d"
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

LIBRARY_PACKAGES = {
    package.name: package
    for package in (
        PACKAGES["pyyaml"],
        Package(name="psycopg-c", smoke=_QUERY, runtime=("psycopg=={version}", "typing_extensions")),
        Package(name="pyzmq", smoke=_SEND),
        Package(name="pillow", smoke=_PICTURE),
        Package(name="lxml", smoke=_PARSE),
    )
}
"""Those that need libraries of the distribution."""
