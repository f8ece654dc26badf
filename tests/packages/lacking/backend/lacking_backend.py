"""A PEP 517 backend whose hooks that LACKING names fail as compilers do until the sysroot has a header.

They never fail without SYSROOT: the project is built for this machine then.
"""

import base64
import hashlib
import os
import sys
import tarfile
import zipfile
from importlib.util import find_spec

METADATA = "Metadata-Version: 2.1\nName: lacking\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
INFO = "lacking-1.0.dist-info"


def called(hook, config_settings):
    settings = "option={} variable={} helper={}".format(
        (config_settings or {}).get("option"), os.environ.get("CONFIGURED"), find_spec("helper") is not None
    )
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(hook + " " + settings + "\n")
    header = os.path.join(os.environ.get("SYSROOT", "/"), "usr/include/demo.h")
    if "SYSROOT" in os.environ and hook in os.environ["LACKING"].split() and not os.path.exists(header):
        print("sample.c:1:10: fatal error: demo.h: No such file or directory")
        sys.exit(1)
    if os.path.exists(os.environ["CALLS"] + "-refused-to-" + hook):
        sys.exit("This has nothing to do with libraries.")


def get_requires_for_build_sdist(config_settings=None):
    called("get_requires_for_build_sdist", config_settings)
    return []


def build_sdist(sdist_directory, config_settings=None):
    called("build_sdist", config_settings)
    with open("PKG-INFO", "w") as info:
        info.write(METADATA)
    with tarfile.open(os.path.join(sdist_directory, "lacking-1.0.tar.gz"), "w:gz") as sdist:
        sdist.add(".", "lacking-1.0")
    return "lacking-1.0.tar.gz"


def get_requires_for_build_wheel(config_settings=None):
    called("get_requires_for_build_wheel", config_settings)
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    called("prepare_metadata_for_build_wheel", config_settings)
    os.mkdir(os.path.join(metadata_directory, INFO))
    with open(os.path.join(metadata_directory, INFO, "METADATA"), "w") as file:
        file.write(METADATA)
    return INFO


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    called("build_wheel", config_settings)
    files = {"lacking.py": "", f"{INFO}/METADATA": METADATA, f"{INFO}/WHEEL": WHEEL}
    name = "lacking-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(f"{INFO}/RECORD", "".join(map(recorded, files.items())) + f"{INFO}/RECORD,,\n")
    return name


def recorded(item):
    path, text = item
    sha256 = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return f"{path},sha256={sha256},{len(text)}\n"
