"""An application with all that it requires, installed into the image of a device and run there."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.testbed.hosts import release_host
from tests.testbed.images import image_of, run_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import BuiltWheels
    from tests.testbed.bed import Bed
    from tests.testbed.images import Image

# Where there are no wheels of numpy and pandas they are compiled, for a quarter of an hour.
pytestmark = [pytest.mark.host, pytest.mark.matrix]

REQUIREMENTS = "fastapi\nuvicorn[standard]\nnumpy\npandas\npillow\nlxml\ncryptography\npyzmq\npaho-mqtt\n"
SERVER = """
import io

import numpy, pandas, zmq
from cryptography.fernet import Fernet
from fastapi import FastAPI, Response
from lxml import etree
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from PIL import Image

app = FastAPI()


@app.get("/table/{rows}")
def table(rows: int) -> dict:
    frame = pandas.DataFrame({"x": numpy.arange(rows), "half": numpy.arange(rows) / 2})
    return {"sum": float(frame["half"].sum()), "determinant": round(numpy.linalg.det(numpy.eye(3) * 2), 6)}


@app.get("/picture")
def picture() -> Response:
    file = io.BytesIO()
    Image.new("RGB", (8, 4), "red").resize((4, 2)).save(file, "PNG")
    return Response(file.getvalue(), media_type="image/png")


@app.get("/others")
def others() -> dict:
    key = Fernet(Fernet.generate_key())
    context = zmq.Context()
    left, right = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    left.bind("inproc://here")
    right.connect("inproc://here")
    left.send_json([1, 2])
    received = right.recv_json()
    context.destroy()
    Client(CallbackAPIVersion.VERSION2)
    return {
        "decrypted": key.decrypt(key.encrypt(b"secret")).decode(),
        "received": received,
        "xpath": etree.fromstring("<a><b>c</b></a>").xpath("//b/text()"),
    }
"""
# uvicorn by its own first line, asked by a client beside it.
CLIENT = """
import http.client, json, socket, subprocess, time
words = ["--app-dir", "/app", "--uds", "/app/socket", "--loop", "uvloop", "--http", "httptools"]
server = subprocess.Popen(["uvicorn", "server:app", *words])
def get(path):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect("/app/socket")
    connection.request("GET", path)
    return connection.getresponse().read()
try:
    for _ in range(600):
        try:
            told = [json.loads(get("/table/5"))]
        except OSError:
            assert server.poll() is None
            time.sleep(0.2)
        else:
            break
    told += [json.loads(get("/others")), get("/picture")[:4].decode("latin-1")]
finally:
    server.terminate()
print(json.dumps(told), server.wait())
"""
HOSTS = {
    "debian:bookworm:arm64": ("debian:bookworm:arm64", ()),
    "debian:bookworm:armhf": (
        "debian:bookworm:armhf",
        (
            "libfreetype6",
            "libimagequant0",
            "libjpeg62-turbo",
            "liblcms2-2",
            "libopenjp2-7",
            "libraqm0",
            "libtiff6",
            "libwebp7",
            "libwebpdemux2",
            "libwebpmux3",
            "libyaml-0-2",
            "libzmq5",
        ),
    ),
    "manylinux_2_28_aarch64": ("debian:bookworm:arm64", ()),
}
"""What is built for; the device, with the packages that it has for what is not to be had as wheels."""


@pytest.fixture(params=HOSTS)
def application(bed: Bed, rust_wheels: BuiltWheels, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Image]:
    """A device with the application."""
    release, packages = HOSTS[request.param]
    host, crossbuild = release_host(bed, release, *packages), rust_wheels.crossbuild
    image = image_of(bed, host, tmp_path / "image")
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    own = ("--auto-sysroot",) if request.param == release else ("--python", "3.11", "--prefix", "/usr")
    words = (*own, *crossbuild.build_python_for(host.version), "--strict", "--root", image.root)
    done = crossbuild("install", "-r", tmp_path / "requirements.txt", *words, host=request.param)
    assert done.returncode == 0, done.stderr
    yield image
    shutil.rmtree(image.root)


def test_an_application_runs(application: Image, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/server.py").write_text(SERVER)
    shown = run_in(application, "uvicorn", "--version")
    assert shown.stdout.startswith("Running uvicorn "), shown.stderr
    done = run_in(application, "python3", "-c", CLIENT, binds={tmp_path / "app": "/app"})
    assert done.returncode == 0, done.stderr
    first, second, picture = json.loads(done.stdout.splitlines()[-1].rpartition(" ")[0])
    assert first == {"sum": 5.0, "determinant": 8.0}
    assert second == {"decrypted": "secret", "received": [1, 2], "xpath": ["c"]}
    assert picture == "\x89PNG"
