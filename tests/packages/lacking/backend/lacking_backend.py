"""A PEP 517 backend whose hooks fail as a compiler does, those that LACKING names, until the sysroot has a header.

Where there is no sysroot, it is installed for this machine, which has everything.
"""

import base64
import hashlib
import os
import sys
import tarfile
import zipfile

METADATA = "Metadata-Version: 2.1\nName: lacking\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
INFO = "lacking-1.0.dist-info"


def called(hook):
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(hook + "\n")
    header = os.path.join(os.environ.get("SYSROOT", "/"), "usr/include/demo.h")
    if "SYSROOT" in os.environ and hook in os.environ["LACKING"].split() and not os.path.exists(header):
        print("sample.c:1:10: fatal error: demo.h: No such file or directory")
        sys.exit(1)
    if os.path.exists(os.environ["CALLS"] + "-refused-to-" + hook):
        sys.exit("This has nothing to do with libraries.")


def get_requires_for_build_sdist(config_settings=None):
    called("get_requires_for_build_sdist")
    return []


def build_sdist(sdist_directory, config_settings=None):
    called("build_sdist")
    with open("PKG-INFO", "w") as info:
        info.write(METADATA)
    with tarfile.open(os.path.join(sdist_directory, "lacking-1.0.tar.gz"), "w:gz") as sdist:
        sdist.add(".", "lacking-1.0")
    return "lacking-1.0.tar.gz"


def get_requires_for_build_wheel(config_settings=None):
    called("get_requires_for_build_wheel")
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    called("prepare_metadata_for_build_wheel")
    os.mkdir(os.path.join(metadata_directory, INFO))
    with open(os.path.join(metadata_directory, INFO, "METADATA"), "w") as file:
        file.write(METADATA)
    return INFO


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    called("build_wheel")
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
