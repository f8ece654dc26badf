"""A build backend that writes into ``$HOME/report`` all that it gets to see, and tries to fetch ``fetched``."""

import base64
import hashlib
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

PROJECT = tomllib.loads(Path("pyproject.toml").read_text())["project"]
NAME = f"{PROJECT['name']}-{PROJECT['version']}"
WHEEL = f"{NAME}-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".format_map(PROJECT)
FETCHING = {
    "module": [sys.executable, "-m", "pip", "download", "--no-deps"],
    "pip": ["pip", "download", "--no-deps"],
    "pip3": ["pip3", "download", "--no-deps"],
    "uv": ["uv", "pip", "install", "--no-deps", "--target", "fetched"],
}


def report(hook):
    """Write the environment of this process, of a child, and what the processes above are, up to crossbuild."""
    lines = [f"{name}={value}" for name, value in os.environ.items()]
    lines.append(subprocess.check_output(["sh", "-c", "env"], text=True))
    lines += above(os.getppid())
    place = Path(os.environ["HOME"], "report")
    place.mkdir(exist_ok=True)
    (place / f"{NAME}-{hook}.txt").write_text("\n".join(lines), encoding="utf-8", errors="surrogateescape")


def above(pid):
    """Yield the command line and the environment of the process ``pid`` and of those above it."""
    while pid > 1:
        words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
        if "crossbuild" in words[:4]:
            return
        yield f"{pid}: {words}"
        yield Path(f"/proc/{pid}/environ").read_text(errors="replace").replace("\0", "\n")
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def fetch():
    """Try to fetch by each of the programs, and stop if none does."""
    for way, command in FETCHING.items():
        done = subprocess.run([*command, "fetched"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(way, done.returncode, done.stdout)
    got = [path.name for path in Path().rglob("fetched*") if path.is_file()]
    raise SystemExit(f"this was fetched: {sorted(got)}")


def get_requires_for_build_sdist(config_settings=None):
    report("get_requires_for_build_sdist")
    return []


def get_requires_for_build_wheel(config_settings=None):
    report("get_requires_for_build_wheel")
    return []


def build_sdist(directory, config_settings=None):
    report("build_sdist")
    if "in-sdist" in (config_settings or {}):
        fetch()
    with tarfile.open(Path(directory, f"{NAME}.tar.gz"), "w:gz") as archive:
        for name in ("pyproject.toml", "backend.py"):
            archive.add(name, f"{NAME}/{name}")
    return f"{NAME}.tar.gz"


def build_wheel(directory, config_settings=None, metadata_directory=None):
    report("build_wheel")
    if "in-wheel" in (config_settings or {}):
        fetch()
    if "fail" in (config_settings or {}):
        raise SystemExit(f"{os.environ[config_settings['fail']]} is what was missing")
    files = {"METADATA": METADATA, "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    rows = []
    with zipfile.ZipFile(Path(directory, WHEEL), "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{NAME}.dist-info/{name}", text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            rows.append(f"{NAME}.dist-info/{name},sha256={digest},{len(text)}\n")
        archive.writestr(f"{NAME}.dist-info/RECORD", "".join(rows) + f"{NAME}.dist-info/RECORD,,\n")
    return WHEEL
