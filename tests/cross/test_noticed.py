"""What code in a cross Python does with files for the host, and what it asks: answered for the host, else noticed."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.interpreter.cross_venv import make_cross_venv
from crossbuild.interpreter.shadow import make_cross_python
from crossbuild.system.cache import Cache
from tests.cross.pythons import BUILD_PYTHONS, NAMES, host_like
from tests.notices import OTHER, questions, uses, write_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cross.pythons import Combination

TAG = f"manylinux_2_31_{OTHER}"
SYSTEM = 'NAME="Host"\nID=hostos\n'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Build:
    """The directory of a build, with a cross venv, and a project in it."""

    directory: Path
    suffix: str
    """That of the host's extension modules."""

    @property
    def project(self) -> Path:
        return self.directory / "source/project"

    @property
    def record(self) -> Path:
        return self.directory / "record"

    def run(self, code: str, name: str = "setup.py", **environ: str) -> str:
        """Run ``code`` as the file ``name`` of the project, and return what it prints."""
        file = self.project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)
        command = [str(self.directory / "cross-venv/bin/python"), name]
        environ = {"PATH": "/usr/bin:/bin", "CROSSBUILD_RECORD": str(self.record), **environ}
        done = subprocess.run(
            command, cwd=self.project, env=environ, stdout=subprocess.PIPE, text=True, timeout=60, check=True
        )
        return done.stdout

    def answers(self, code: str) -> Any:
        """Return the value that ``code`` assigns to ``answer``."""
        return json.loads(self.run(f"{code}\nimport json; print(json.dumps(answer))\n").splitlines()[-1])


def make_build(directory: Path, combination: Combination) -> Build:
    site_packages = directory / "build-venv/lib/site-packages"
    for place in (site_packages, directory / "record", directory / "source/project"):
        place.mkdir(parents=True)
    make_cross_venv(directory / "cross-venv", cross_python=combination.cross, site_packages=site_packages)
    return Build(directory=directory, suffix=combination.host.ext_suffix)


@pytest.fixture
def build(combine: Callable[[str, str], Combination], tmp_path: Path) -> Build:
    """A build for a host without a root."""
    return make_build(tmp_path / "build", combine(next(iter(BUILD_PYTHONS)), TAG))


@pytest.fixture
def rooted(combine: Callable[[str, str], Combination], tmp_path: Path, request: pytest.FixtureRequest) -> Build:
    """A build for a 32-bit host whose root has a header, a library and the name of a system."""
    root = tmp_path / "root"
    multiarch = "arm-linux-gnueabihf"
    for place in ("usr/include/linux", "etc", f"usr/lib/{multiarch}", f"lib/{multiarch}"):
        (root / place).mkdir(parents=True)
    for place in (f"usr/lib/{multiarch}/only/serial", "opt/only_host/include/vendor.h", "opt/only_host/bin/program"):
        (root / place).mkdir(parents=True)
    (root / "usr/include/linux/only_host.h").write_text("#define OF_HOST 1\n")
    (root / "etc/os-release").write_text(SYSTEM)
    library = root / "usr/lib" / multiarch / "libonly.so.5.2"
    library.touch()
    library.with_name("libonly.so.5").symlink_to(library.name)
    library.with_name("libonly.so").symlink_to(f"/lib/{multiarch}/libonly.so.5")
    (root / "lib" / multiarch / "libonly.so.5").write_text("followed below the root")
    combination = combine(getattr(request, "param", next(iter(BUILD_PYTHONS))), "manylinux_2_31_armv7l")
    host = dataclasses.replace(host_like(combination.build, "manylinux_2_31_armv7l"), sysroot=root)
    cross = make_cross_python(
        build_python=combination.build,
        host=host,
        compilers=combination.compilers,
        cache=Cache(root=tmp_path / "cache"),
    )
    return make_build(tmp_path / "build", dataclasses.replace(combination, host=host, cross=cross))


EXECUTE = """\
import os, subprocess
from contextlib import suppress

quiet = {"stderr": subprocess.DEVNULL}
with suppress(OSError): subprocess.call(["./popen"])
with suppress(OSError): subprocess.run("if ./shell; then echo yes; fi", shell=True, **quiet)
with suppress(OSError): subprocess.run([b"./below"], cwd=b"sub")
with suppress(OSError): subprocess.run(["onpath"], env={"PATH": os.getcwd()}, **quiet)
with suppress(OSError): os.system("true && ./system >/dev/null 2>&1")
with suppress(OSError): os.posix_spawn("./spawn", ["spawn"], os.environ)
with suppress(OSError): os.popen("./popen2 2>/dev/null").read()
if not os.fork():
    with suppress(OSError): os.execv("./execv", ["execv"])
    os._exit(0)
os.wait()
"""
EXECUTED = {
    "popen": 5,
    "shell": 6,
    "sub/below": 7,
    "onpath": 8,
    "system": 9,
    "spawn": 10,
    "popen2": 11,
    "execv": 13,
}


@pytest.mark.parametrize("version", NAMES)
def test_every_way_to_execute_a_program_for_the_host_is_noticed(
    version: str, combine: Callable[[str, str], Combination], tmp_path: Path
) -> None:
    build = make_build(tmp_path / "build", combine(version, TAG))
    for program in EXECUTED:
        write_program(build.project / program)
    build.run(EXECUTE)
    assert uses(build.record) == {
        f"ran {program.rpartition('/')[2]} (setup.py, line {line})" for program, line in EXECUTED.items()
    }


LOAD = """\
import ctypes, importlib.util, subprocess, sys
from contextlib import suppress

with suppress(ImportError): import made
with suppress(ImportError): import package.inner
with suppress(ImportError): import stable
with suppress(OSError): ctypes.CDLL("./library.so")
spec = importlib.util.spec_from_file_location("placed", "placed.so")
with suppress(ImportError): importlib.util.module_from_spec(spec)
subprocess.run([sys.executable, "-c", "import alone"], env={}, stderr=subprocess.DEVNULL)
with suppress(ImportError): import nowhere
"""


@pytest.mark.parametrize("version", NAMES)
def test_every_way_to_load_what_is_for_the_host_is_noticed(
    version: str, combine: Callable[[str, str], Combination], tmp_path: Path
) -> None:
    build = make_build(tmp_path / "build", combine(version, TAG))
    names = [f"{name}{build.suffix}" for name in ("made", "package/inner", "alone")]
    for name in (*names, "stable.abi3.so", "library.so", "placed.so"):
        write_program(build.project / name)
    (build.project / "package/__init__.py").touch()
    build.run(LOAD)
    assert uses(build.record) == {
        f"imported made{build.suffix} (setup.py, line 4)",
        f"imported inner{build.suffix} (setup.py, line 5)",
        "imported stable.abi3.so (setup.py, line 6)",
        "loaded library.so (setup.py, line 7)",
        "imported placed.so (setup.py, line 9)",
        f"imported alone{build.suffix} (<string>, line 1)",
    }


def test_what_is_installed_and_what_is_pythons_own_is_not_noticed(build: Build) -> None:
    requirement = build.directory / "build-venv/lib/site-packages/requirement.py"
    requirement.write_text(
        "import ctypes.util, os, subprocess\n"
        "ctypes.util.find_library('z'), os.path.exists('/usr/include/stdio.h'), open('/etc/passwd').close()\n"
        "open('/proc/cpuinfo').close(), os.sysconf('SC_PAGE_SIZE'), subprocess.call(['true'])\n"
    )
    tool = build.project / "vendored/mesonbuild/universal.py"
    tool.parent.mkdir(parents=True)
    shutil.copy(requirement, tool)
    build.run(
        "import requirement, sqlite3, ssl, sys, ctypes, platform\nplatform.platform(), ctypes.CDLL('libc.so.6')\n"
        "sys.path.append('vendored')\nimport mesonbuild.universal\n"
    )
    assert uses(build.record) == questions(build.record) == set()


def test_cffi_is_noticed_though_it_raises_no_audit_event(build: Build) -> None:
    site_packages = build.directory / "build-venv/lib/site-packages"
    (site_packages / "_cffi_backend.py").write_text("def load_library(name, flags=0): return name\n")
    library = write_program(build.project / "library.so")
    build.run(f"import _cffi_backend\nassert _cffi_backend.load_library('{library}', 1) == '{library}'\n")
    assert uses(build.record) == {"loaded library.so (setup.py, line 2)"}


READ = """\
import glob, os, pathlib, platform, shutil
answer = [
    os.path.exists("/usr/include/linux/only_host.h"),
    open("/usr/include/linux/only_host.h").read(),
    pathlib.Path("/usr/include/linux/only_host.h").read_text(),
    os.read(os.open(b"/usr/include/linux/only_host.h", os.O_RDONLY), 99).decode(),
    glob.glob("/usr/include/*/only*.h"),
    [file.name for file in pathlib.Path("/usr/include/linux").iterdir()],
    [entry.path for entry in os.scandir("/usr/include/linux/") if entry.is_file()],
    [str(file) for file in pathlib.Path("/usr/include").glob("*/only*.h")],
    shutil.copytree("/usr/include/linux", "copied") and os.listdir("copied"),
    os.path.exists("/usr/include/stdio.h"),
    os.access("/usr/include/stdio.h", os.R_OK),
    dict(line.split("=") for line in open("/etc/os-release").read().split())["ID"],
    os.path.exists("/usr/lib/arm-linux-gnueabihf/libonly.so.5"),
    open("/usr/lib/arm-linux-gnueabihf/libonly.so").read(),
    glob.glob("/usr/lib/*/libc.so.6"),
    os.path.isdir("/usr/lib/arm-linux-gnueabihf/only/serial"),
    os.path.exists("/opt/only_host/include/vendor.h"),
    os.path.exists("/opt/only_host/bin/program"),
]
"""


@pytest.mark.parametrize("rooted", NAMES, indirect=True)
def test_the_hosts_root_answers_for_the_host(rooted: Build) -> None:
    text = "#define OF_HOST 1\n"
    header = "/usr/include/linux/only_host.h"
    assert rooted.answers(READ) == [
        *(True, text, text, text, [header], ["only_host.h"], [header], [header], ["only_host.h"], False, False),
        *("hostos", True, "followed below the root", [], True, True, False),
    ]
    assert questions(rooted.record) == set()


def test_nothing_is_written_into_the_hosts_root(rooted: Build) -> None:
    code = "import os\ntry: open('/usr/include/linux/only_host.h/x', 'w')\nexcept OSError as e: answer = e.filename\n"
    assert rooted.answers(code) == "/usr/include/linux/only_host.h/x"


def test_libraries_are_found_in_the_hosts_root(rooted: Build) -> None:
    code = "from ctypes.util import find_library\nanswer = [find_library('only'), find_library('c')]\n"
    assert rooted.answers(code) == ["libonly.so.5", None]
    rooted.run("import ctypes\ntry: ctypes.CDLL('libonly.so.5')\nexcept OSError: pass\n")
    assert uses(rooted.record) == {"loaded libonly.so.5 (setup.py, line 2)"}


def test_the_project_hears_the_sizes_of_a_32_bit_host(rooted: Build) -> None:
    code = (
        "import ctypes, os, struct\n"
        "types = [ctypes.c_long, ctypes.c_void_p, ctypes.c_size_t * 3, ctypes.c_longlong, ctypes.c_int]\n"
        "types += [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int), ctypes.CFUNCTYPE(None), ctypes.py_object]\n"
        "answer = [*[ctypes.sizeof(one) for one in types], ctypes.sizeof(ctypes.c_long(1))]\n"
        "answer += [os.sysconf('SC_LONG_BIT'), os.sysconf(os.sysconf_names['SC_LONG_BIT']), struct.calcsize('P')]\n"
    )
    assert rooted.answers(code) == [4, 4, 12, 8, 4, 4, 4, 4, 4, 4, 32, 32, 4]


ASK = """\
import ctypes.util, glob, os, resource, subprocess

os.path.isdir("/usr/include"), os.path.exists("/usr/include/no_such_header_anywhere.h")
open("/etc/os-release").close()

open("/proc/cpuinfo").read().count("processor")

[line for line in open("/proc/cpuinfo") if line.startswith("flags")]

subprocess.call("grep -c ^processor /proc/cpuinfo >/dev/null", shell=True)
subprocess.call(["grep", "-q", "flags", "/proc/cpuinfo"])
subprocess.call("cat </etc/os-release >/dev/null", shell=True)

memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

os.sysconf("SC_PAGESIZE"), os.sysconf("SC_NPROCESSORS_ONLN"), os.cpu_count()
ctypes.util.find_library("c")

resource.getpagesize()
subprocess.call("lscpu >/dev/null 2>&1", shell=True)
"""


def test_what_no_root_answers_is_noticed(build: Build) -> None:
    build.run(ASK)
    wanted: dict[str, tuple[int, ...]] = {"/etc/os-release": (4, 12), "/proc/cpuinfo": (8, 11), "lscpu": (20,)}
    if OTHER == "aarch64":
        wanted |= {"os.sysconf('SC_PAGE_SIZE')": (16,), "resource.getpagesize()": (19,)}
    assert questions(build.record) == {
        f"{subject} (setup.py, line {line})" for subject, lines in wanted.items() for line in lines
    }


def test_a_structure_that_is_smaller_on_the_host_is_noticed(rooted: Build) -> None:
    rooted.run(
        "from ctypes import Structure, c_char_p, c_int, c_short, sizeof\n"
        "class Same(Structure): _fields_ = [('a', c_int), ('b', c_short * 3)]\n"
        "class Inner(Structure): _fields_ = [('name', c_char_p)]\n"
        "class Outer(Structure): _fields_ = [('inner', Inner * 2)]\n"
        "assert sizeof(Same) == sizeof(Same()) == 12\n"
        "sizeof(Outer)\n"
    )
    assert questions(rooted.record) == {"ctypes.sizeof(Outer) (setup.py, line 6)"}


def test_headers_and_libraries_of_this_machine_are_noticed(build: Build, tmp_path: Path) -> None:
    headers = tmp_path / "usr-include"
    headers.mkdir()
    code = (
        "import os, glob, ctypes.util\n"
        "glob.glob('/usr/include/*.h')\n"
        "os.listdir('/usr/lib')\n"
        "ctypes.util._findSoname_ldconfig = lambda name: 'libmagic.so.1'\n"
        "ctypes.util.find_library('magic')\n"
        "try: ctypes.CDLL('libno_such_library.so.1')\n"
        "except OSError: pass\n"
    )
    build.run(code)
    assert questions(build.record) == {
        "/usr/include (setup.py, line 2)",
        "/usr/lib (setup.py, line 3)",
        "ctypes.util.find_library('magic') (setup.py, line 5)",
        "the library libno_such_library.so.1 (setup.py, line 6)",
    }


def test_the_byte_order_of_this_machine_is_noticed(combine: Callable[[str, str], Combination], tmp_path: Path) -> None:
    build = make_build(tmp_path / "build", combine(next(iter(BUILD_PYTHONS)), "manylinux_2_31_s390x"))
    assert build.answers("import sys\nanswer = sys.byteorder\n") == "little"
    assert questions(build.record) == {"sys.byteorder, which is little here (setup.py, line 2)"}


def test_setup_py_is_named_though_setuptools_executes_its_text(build: Build) -> None:
    write_program(build.project / "probe")
    (build.project / "real.py").write_text("import os\n\nos.system('./probe 2>/dev/null')\n")
    code = "import os\nfile = os.path.abspath('real.py')\nexec(open(file).read(), {'__file__': file})\n"
    build.run(code, "setuptools_like.py")
    assert uses(build.record) == {"ran probe (real.py, line 3)"}


def test_functions_stay_what_they_were(build: Build) -> None:
    code = (
        "import builtins, functools, io, os, shutil, pathlib\n"
        "class Accessor: stat, open, listdir = os.stat, open, os.listdir\n"
        "accessor = Accessor()\n"
        "accessor.open('setup.py').close(), accessor.stat('setup.py'), accessor.listdir()\n"
        "assert os.stat in os.supports_dir_fd and os.stat in os.supports_follow_symlinks\n"
        "assert io.open is open and open.__name__ == 'open' and 'stat' in repr(os.stat)\n"
        "assert functools.wraps(os.stat)(lambda: 0).__name__ == 'stat'\n"
        "assert os.stat(0) and os.stat(pathlib.Path('setup.py'))\n"
        "os.mkdir('d'); shutil.rmtree('d')\n"
        "answer = shutil.rmtree.avoids_symlink_attacks\n"
    )
    assert build.answers(code) is True


def test_what_was_built_for_a_machine_like_this_one_is_told_by_the_compilers_record(
    combine: Callable[[str, str], Combination], tmp_path: Path
) -> None:
    from crossbuild.advice.host_code_used import read_uses
    from crossbuild.toolchain.compile_record import Invocation

    build = make_build(tmp_path / "build", combine(next(iter(BUILD_PYTHONS)), TAG))
    true = shutil.which("true")
    assert true
    for name in ("made", "copied", "tool", "a.out", "joined"):
        shutil.copy(true, build.project / name)
    (build.project / "tool").write_bytes((build.project / "tool").read_bytes() + b"another")
    programs = ["./made", "./copied", "./tool", "./a.out", "./joined", "/bin/true"]
    build.run(f"import os, subprocess\nfor program in {programs}: subprocess.call(program)\nos.remove('made')\n")
    shutil.copy(true, build.project / "original")
    for name in ("a.out", "joined"):
        (build.project / name).write_bytes(b"since then another")
    links = [
        Invocation(tool="cc", cwd=build.project, arguments=("x.o", *output), status=0)
        for output in (["-o", "made"], ["-o", "original"], ["-ojoined"], [])
    ]
    assert {use.name for use in read_uses(build.record, links)} == {"made", "copied", "a.out", "joined"}
    assert read_uses(build.record) == ()
