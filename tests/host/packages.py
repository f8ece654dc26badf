"""Real packages, and the least that shows that their compiled parts work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package of the index and its smoke test."""

    name: str
    smoke: str
    """Python code that fails unless the compiled part is there and works."""
    options: tuple[str, ...] = ()
    """What its user says on the command line besides."""
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

_ECHO = """
import asyncio, uvloop

async def echo(reader, writer):
    writer.write((await reader.readline()).upper())
    writer.close()

async def main():
    assert isinstance(asyncio.get_running_loop(), uvloop.Loop)
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"hello\\n")
    assert await asyncio.wait_for(reader.read(), 30) == b"HELLO\\n"
    assert await asyncio.to_thread(sum, (1, 2)) == 3
    server.close()

uvloop.install()
asyncio.run(main())
"""

_LOOK = """
import os, psutil
own = psutil.Process()
assert own.pid == os.getpid() and own.nice() == os.nice(0)
assert psutil.disk_usage("/").total > 0 and psutil.net_if_addrs()["lo"]
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
        Package(name="psutil", smoke=_LOOK),
        Package(name="uvloop", smoke=_ECHO),
        Package(name="numpy", smoke=_COMPUTE),
    )
}

_SOLVE_AND_OPTIMISE = """
import numpy as np
from scipy import fft, integrate, interpolate, linalg, optimize, signal, sparse, spatial, special, stats
from scipy.sparse import linalg as sparse_linalg
matrix = np.array([[4.0, 1, 0], [1, 3, 1], [0, 1, 2]])
one = np.ones(3)
assert np.allclose(matrix @ linalg.solve(matrix, one), one)
values, vectors = linalg.eigh(matrix)
assert np.allclose(vectors * values @ vectors.T, matrix)
assert np.isclose(linalg.interpolative.estimate_spectral_norm(matrix), values.max())
assert np.allclose(matrix @ sparse_linalg.spsolve(sparse.csc_matrix(matrix), one), one)
assert np.isclose(sparse_linalg.eigsh(sparse.diags(np.arange(1.0, 31)), k=1)[0][0], 30)
assert np.isclose(special.jv(0, 1), 0.7651976865579666) and np.isclose(special.gamma(5), 24)
assert np.allclose(optimize.minimize(optimize.rosen, [1.3, 0.7], method="L-BFGS-B").x, 1, atol=1e-3)
assert np.isclose(optimize.brentq(lambda x: x * x - 2, 0, 2), 2**0.5)
assert np.allclose(signal.lfilter(*signal.butter(2, 0.5), np.ones(200))[-1], 1)
assert np.isclose(integrate.quad(np.sin, 0, np.pi)[0], 2)
assert np.isclose(integrate.solve_ivp(lambda t, y: -y, (0, 1), [1], method="LSODA", rtol=1e-8).y[0, -1], np.exp(-1))
assert np.isclose(interpolate.CubicSpline([0, 1, 2, 3], [0, 1, 8, 27])(1.5), 1.5**3)
assert np.allclose(fft.irfft(fft.rfft([1.0, 2, 3, 4])), [1, 2, 3, 4])
assert len(spatial.ConvexHull([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5]]).vertices) == 4
assert np.isclose(stats.norm.cdf(1.96), 0.9750021048517795)
"""

_DRAW = """
import io, tempfile, os
os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp()
import matplotlib
matplotlib.use("agg")
from matplotlib import ft2font, pyplot, tri
figure, axes = pyplot.subplots()
axes.plot([1, 3, 2], label="three points")
axes.set_title("$x^2$ and letters")
axes.legend()
axes.tricontourf(tri.Triangulation([0, 1, 0, 1], [1, 1, 3, 2]), [1, 2, 3, 4])
file = io.BytesIO()
figure.savefig(file, format="png")
from PIL import Image
colours = Image.open(io.BytesIO(file.getvalue())).convert("RGB").getcolors(1 << 20)
assert len(colours) > 50
assert ft2font.__freetype_build_type__ == "system"
"""

_HASH = """
import bcrypt
known = b"$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm"
assert bcrypt.hashpw(b"Kk4DQuMMfZL9o", known[:29]) == known
assert not bcrypt.checkpw(b"other", known)
assert len(bcrypt.kdf(b"password", b"salt", 32, 50)) == 32
"""

_JSON = """
import datetime, orjson
value = {"text": "\u00e9 \U0001f600", "numbers": [1, -2.5, 2**53, 1e300], "nothing": None}
assert orjson.loads(orjson.dumps(value)) == value
assert orjson.dumps(datetime.date(2020, 2, 29)) == b'"2020-02-29"'
try:
    orjson.loads("[1,")
except orjson.JSONDecodeError as error:
    assert error.pos == 3
else:
    raise AssertionError("half a list was a value")
"""

_ENCRYPT = """
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet
from cryptography.hazmat.bindings.openssl.binding import Binding
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
box = Fernet(Fernet.generate_key())
assert box.decrypt(box.encrypt(b"secret")) == b"secret"
key, kind = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
key.public_key().verify(key.sign(b"text", kind), b"text", kind)
try:
    key.public_key().verify(key.sign(b"text", kind), b"other", kind)
except InvalidSignature:
    pass
else:
    raise AssertionError("a signature fits any text")
assert Binding().lib is not None
"""

RUST_PACKAGES = {
    package.name: package
    for package in (
        Package(name="bcrypt", smoke=_HASH),
        Package(name="orjson", smoke=_JSON),
        Package(
            name="cryptography",
            smoke=_ENCRYPT,
            options=("--sysroot-package", "libssl-dev", "--sysroot-package", "libffi-dev"),
            runtime=("cffi",),
        ),
    )
}
"""Those that are written in Rust."""

CONFIGURED_PACKAGES = {
    package.name: package
    for package in (
        Package(
            name="scipy",
            smoke=_SOLVE_AND_OPTIMISE,
            options=("--sysroot-package", "libopenblas-dev", "--toolchain", "gnu"),
            runtime=("numpy",),
        ),
        # Newer releases want a libraqm that this distribution does not have yet, or the network for another one.
        Package(
            name="matplotlib<3.11",
            smoke=_DRAW,
            options=(
                *("-C", "setup-args=-Dsystem-freetype=true", "-C", "setup-args=-Dsystem-qhull=true"),
                *("--sysroot-package", "libfreetype-dev", "--sysroot-package", "libqhull-dev"),
            ),
            runtime=("matplotlib=={version}",),
        ),
    )
}
"""Those that their user tells what to take from the distribution."""

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
