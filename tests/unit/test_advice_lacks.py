"""What failed builds say that they lacked. The texts are what the tools printed, shortened."""

from __future__ import annotations

import time

import pytest

from crossbuild.advice.missing_files import Lack, lacks_in

GCC = """\
b.c:1:10: fatal error: libxml/xpath.h: No such file or directory
    1 | #include "libxml/xpath.h"
      |          ^~~~~~~~~~~~~~~~
compilation terminated.
"""
CLANG = """\
a.c:1:10: fatal error: 'ffi.h' file not found
    1 | #include <ffi.h>
      |          ^~~~~~~
1 error generated.
"""
GCC_IN_COLOUR = (
    "\x1b[01m\x1b[Kyaml/_yaml.c:10:10:\x1b[m\x1b[K \x1b[01;31m\x1b[Kfatal error: "
    "\x1b[m\x1b[Kyaml.h: No such file or directory\n"
)
BFD = "/usr/bin/ld: cannot find -lxml2: No such file or directory\ncollect2: error: ld returned 1 exit status\n"
GOLD = "/usr/bin/ld.gold: error: cannot find -lxml2\n"
FULL_NAME = "/usr/bin/ld: cannot find -l:libfoo.so.3: No such file or directory\n"
LLD = "ld.lld: error: unable to find library -lxml2\n"
ZIG = """\
error: unable to find dynamic system library "xslt" using strategy paths_first. searched paths:
  /opt/lib/libxslt.so
  /opt/lib/libxslt.a
"""
OLDER_ZIG = "error: unable to find dynamic system library 'xslt' using strategy 'paths_first'. searched paths: none\n"
ZIG_FULL_NAME = (
    'error: unable to find dynamic system library "libfoo.so.3" using strategy paths_first. searched paths: none\n'
)
PKGCONF = """\
Package libxml-2.0 was not found in the pkg-config search path.
Perhaps you should add the directory containing `libxml-2.0.pc'
to the PKG_CONFIG_PATH environment variable
Package 'libxml-2.0', required by 'virtual:world', not found
Package 'libxslt', required by 'virtual:world', not found
"""
PKGCONF_3 = """\
Package libfoo was not found in the pkg-config search path.
Perhaps you should add the directory containing `libfoo.pc'
to the PKG_CONFIG_PATH environment variable
Package 'libfoo' not found
"""
PKG_CONFIG = "No package 'libzmq' found\n"
PKG_CRATE = """\
  The system library `openssl` required by crate `openssl-sys` was not found.
  The file `openssl.pc` needs to be installed and the PKG_CONFIG_PATH environment variable must contain its parent \
directory.
"""
AUTOCONF_MODULES = """\
configure: error: Package requirements (libxml-2.0 >= 2.9.4 zlib) were not met:

No package 'libxml-2.0' found
"""
PKGCONFIG_OF_PYPI = "pkgconfig.pkgconfig.PackageNotFoundError: libzmq not found\n"
MESON = """\
Found pkg-config: YES (/usr/bin/pkg-config) 1.8.1
Run-time dependency openblas found: NO  (tried pkg-config and cmake)
../meson.build:4:0: ERROR: Dependency "openblas" not found (tried pkg-config and cmake)
"""
MESON_OPTIONAL = """\
Run-time dependency openblas found: NO  (tried pkg-config and cmake)
../meson.build:4:0: ERROR: Problem encountered: No BLAS library detected!
"""
MESON_LIBRARY = "../meson.build:4:3: ERROR: C shared or static library 'nosuchm' not found\n"
MESON_HEADER = "../meson.build:4:3: ERROR: C header 'foo/x.h' not found\n"
MESON_HEADER_UNUSABLE = "../meson.build:3:3: ERROR: C header 'foo/x.h' not usable\n"
MESON_PROGRAM = "../meson.build:4:0: ERROR: Program 'swig4.0 swig' not found or not executable\n"
CMAKE_CONFIG = """\
CMake Error at CMakeLists.txt:10 (find_package):
  By not providing "FindOpenBLAS.cmake" in CMAKE_MODULE_PATH this project has
  asked CMake to find a package configuration file provided by "OpenBLAS",
  but CMake did not find one.

  Could not find a package configuration file provided by "OpenBLAS"
  (requested version 0.3) with any of the following names:

    OpenBLAS.cps
    OpenBLASConfig.cmake
    openblas-config.cmake

  Add the installation prefix of "OpenBLAS" to CMAKE_PREFIX_PATH or set
  "OpenBLAS_DIR" to a directory containing one of the above files.
"""
CMAKE_MODULE = """\
CMake Error at /usr/share/cmake-3.25/Modules/FindPackageHandleStandardArgs.cmake:230 (message):
  Could NOT find OpenSSL, try to set the path to OpenSSL root folder in the
  system variable OPENSSL_ROOT_DIR (missing: OPENSSL_CRYPTO_LIBRARY
  OPENSSL_INCLUDE_DIR)
Call Stack (most recent call first):
  /usr/share/cmake-3.25/Modules/FindPackageHandleStandardArgs.cmake:600 (_FPHSA_FAILURE_MESSAGE)
  CMakeLists.txt:7 (find_package)
"""
CMAKE_PROGRAM = """\
CMake Error at /usr/share/cmake-3.25/Modules/FindPackageHandleStandardArgs.cmake:230 (message):
  Could NOT find BISON (missing: BISON_EXECUTABLE)
Call Stack (most recent call first):
"""
CMAKE_MODULES = """\
--   Package 'libfoo', required by 'virtual:world', not found
CMake Error at /usr/share/cmake-4.4/Modules/FindPkgConfig.cmake:1093 (message):
  The following required packages were not found:

   - libfoo>=2
   - libbar

Call Stack (most recent call first):
  /usr/share/cmake-4.4/Modules/FindPkgConfig.cmake:1166 (_pkg_check_modules_internal)
"""
CMAKE_3_MODULES = """\
-- Found PkgConfig: /usr/bin/pkg-config (found version "1.8.1")
--   Package 'libfoo', required by 'virtual:world', not found
--   Package 'libbar', required by 'virtual:world', not found
CMake Error at /usr/share/cmake-3.25/Modules/FindPkgConfig.cmake:607 (message):
  A required package was not found
"""
CMAKE_FIND = """\
CMake Error at CMakeLists.txt:3 (find_{what}):
  Could not find BI using the following {names}: {name}
"""
DASH = "sh: 1: bison: not found\n"
DASH_QUOTED = "ERROR: b'/bin/sh: 1: xslt-config: not found\\n'\n"
BASH = "bash: line 1: swig: command not found\n"
SCRIPT = "./configure: line 1234: gperf: command not found\n"
MAKE = "make[1]: flex: No such file or directory\nmake[1]: *** [Makefile:2: x] Error 127\n"
ENV = "env: \N{LEFT SINGLE QUOTATION MARK}perl6\N{RIGHT SINGLE QUOTATION MARK}: No such file or directory\n"
SUBPROCESS = """\
  File "/usr/lib/python3.13/subprocess.py", line 1036, in __init__
    self._execute_child(args, executable, preexec_fn, close_fds,
    ~~~~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                        start_new_session, process_group)
                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.13/subprocess.py", line 1966, in _execute_child
    raise child_exception_type(errno_num, err_msg, err_filename)
FileNotFoundError: [Errno 2] No such file or directory: 'pg_config'
"""
SETUPTOOLS = "error: command 'swig' failed: No such file or directory\n"
RUN = """\
couldn't run 'pg_config' --includedir: [Errno 2] No such file or directory: 'pg_config'
error: [Errno 2] No such file or directory: 'pg_config'
"""
EXECUTABLE = "Error: pg_config executable not found.\n"
CMAKE_CRATE = "failed to execute command: No such file or directory (os error 2)\nis `cmake` not installed?\n"
PILLOW = """\
RequiredDependencyException:

The headers or library files could not be found for jpeg,
a required dependency when compiling Pillow from source.
"""
LXML = "Error: Please make sure the libxml2 and libxslt development packages are installed.\n"
OLDER_LXML = "** make sure the development packages of libxml2 and libxslt are installed **\n"

PG_CONFIG = "the program pg_config"
XML_AND_XSLT = ["the library -lxml2", "the library -lxslt"]


def said(output: str) -> list[str]:
    return [str(lack) for lack in lacks_in(output)]


@pytest.mark.parametrize(
    ("output", "lacking"),
    [
        pytest.param(GCC, ["the header libxml/xpath.h"], id="gcc"),
        pytest.param(CLANG, ["the header ffi.h"], id="clang"),
        pytest.param(GCC_IN_COLOUR, ["the header yaml.h"], id="gcc in colour"),
        pytest.param(BFD, ["the library -lxml2"], id="GNU ld"),
        pytest.param(GOLD, ["the library -lxml2"], id="gold"),
        pytest.param(FULL_NAME, ["the library -lfoo"], id="GNU ld, full name"),
        pytest.param(LLD, ["the library -lxml2"], id="lld"),
        pytest.param(ZIG, ["the library -lxslt"], id="zig"),
        pytest.param(OLDER_ZIG, ["the library -lxslt"], id="older zig"),
        pytest.param(ZIG_FULL_NAME, ["the library -lfoo"], id="zig, full name"),
        pytest.param(PKG_CRATE, ["the pkg-config module openssl"], id="pkg-config crate"),
        pytest.param(
            AUTOCONF_MODULES, ["the pkg-config module libxml-2.0", "the pkg-config module zlib"], id="autoconf modules"
        ),
        pytest.param(PKGCONFIG_OF_PYPI, ["the pkg-config module libzmq"], id="pkgconfig of PyPI"),
        pytest.param(MESON, ["the pkg-config module openblas"], id="Meson dependency"),
        pytest.param(MESON_LIBRARY, ["the library -lnosuchm"], id="Meson library"),
        pytest.param(MESON_HEADER, ["the header foo/x.h"], id="Meson header"),
        pytest.param(MESON_HEADER_UNUSABLE, ["the header foo/x.h"], id="Meson unusable header"),
        pytest.param(MESON_PROGRAM, ["the program swig4.0"], id="Meson program"),
        pytest.param(CMAKE_CONFIG, ["the CMake package OpenBLAS"], id="CMake config"),
        pytest.param(CMAKE_MODULE, ["the CMake package OpenSSL"], id="CMake module"),
        pytest.param(CMAKE_PROGRAM, ["the program bison"], id="CMake module for a program"),
        pytest.param(
            CMAKE_MODULES, ["the pkg-config module libfoo", "the pkg-config module libbar"], id="CMake pkg-config"
        ),
        pytest.param(
            CMAKE_3_MODULES, ["the pkg-config module libfoo", "the pkg-config module libbar"], id="CMake 3 pkg-config"
        ),
        pytest.param(
            CMAKE_FIND.format(what="library", names="names", name="gmp"), ["the library -lgmp"], id="find_library"
        ),
        pytest.param(
            CMAKE_FIND.format(what="program", names="names", name="ragel"), ["the program ragel"], id="find_program"
        ),
        pytest.param(CMAKE_FIND.format(what="path", names="files", name="a/b.h"), ["the header a/b.h"], id="find_path"),
        pytest.param(MAKE, ["the program flex"], id="make"),
        pytest.param(ENV, ["the program perl6"], id="env"),
        pytest.param(SUBPROCESS, [PG_CONFIG], id="subprocess"),
        pytest.param(SETUPTOOLS, ["the program swig"], id="setuptools"),
        pytest.param(RUN, [PG_CONFIG], id="could not run"),
        pytest.param(EXECUTABLE, [PG_CONFIG], id="executable not found"),
        pytest.param(CMAKE_CRATE, ["the program cmake"], id="cmake crate"),
        pytest.param(PILLOW, ["the library -ljpeg"], id="pillow"),
        pytest.param(LXML, XML_AND_XSLT, id="lxml"),
        pytest.param(OLDER_LXML, XML_AND_XSLT, id="older lxml"),
        pytest.param("configure: error: zlib library not found\n", ["the library -lzlib"], id="configure: not found"),
        pytest.param("configure: error: cannot find libffi.\n", ["the library -lffi"], id="configure: cannot find"),
        pytest.param("configure: error: gmp.h header not found\n", ["the header gmp.h"], id="configure: header"),
    ],
)
def test_what_a_build_stopped_for_is_read(output: str, lacking: list[str]) -> None:
    assert said(output) == lacking
    assert all(lack.decisive for lack in lacks_in(output))
    assert said(f"Building.\n{output}{output}Done.\n") == lacking, "each once, wherever it stands"


@pytest.mark.parametrize(
    ("output", "lacking"),
    [
        pytest.param(PKGCONF, ["the pkg-config module libxml-2.0", "the pkg-config module libxslt"], id="pkgconf 1.8"),
        pytest.param(PKGCONF_3, ["the pkg-config module libfoo"], id="pkgconf 3"),
        pytest.param(PKG_CONFIG, ["the pkg-config module libzmq"], id="pkg-config"),
        pytest.param(MESON_OPTIONAL, ["the pkg-config module openblas"], id="Meson"),
        pytest.param("Library nosuchm found: NO\n", ["the library -lnosuchm"], id="Meson library"),
        pytest.param(
            CMAKE_CONFIG.replace("Error", "Warning"), ["the CMake package OpenBLAS"], id="CMake config, a warning"
        ),
        pytest.param(
            "-- Could NOT find TIFF (missing: TIFF_LIBRARY TIFF_INCLUDE_DIR) \n", ["the CMake package TIFF"], id="CMake"
        ),
        pytest.param("-- Could NOT find SWIG (missing: SWIG_EXECUTABLE) \n", ["the program swig"], id="CMake program"),
        pytest.param(DASH, ["the program bison"], id="dash"),
        pytest.param(DASH_QUOTED, ["the program xslt-config"], id="dash, quoted by Python"),
        pytest.param(BASH, ["the program swig"], id="bash"),
        pytest.param(SCRIPT, ["the program gperf"], id="a script"),
    ],
)
def test_what_a_build_may_have_done_without_is_told_apart(output: str, lacking: list[str]) -> None:
    assert said(output) == lacking
    assert not any(lack.decisive for lack in lacks_in(output))


CONFIGTEST = """\
gcc -Wall -fPIC -c _configtest.c -o _configtest.o
gcc _configtest.o -lnosuch -o _configtest
/usr/bin/ld: cannot find -lnosuch: No such file or directory
collect2: error: ld returned 1 exit status
failure.
gcc -E -o _configtest.i _configtest.c
_configtest.c:1:10: fatal error: nosuch/x.h: No such file or directory
"""
HAS_FUNCTION = """\
cc -c /tmp/nosuch_inity9oi72q4.c -o tmp/nosuch_inity9oi72q4.o
/tmp/nosuch_inity9oi72q4.c:2:10: fatal error: nosuch.h: No such file or directory
cc tmp/nosuch_inity9oi72q4.o -lnosuch -o a.out
/usr/bin/ld: cannot find -lnosuch: No such file or directory
"""


@pytest.mark.parametrize(
    "output",
    [
        pytest.param(CONFIGTEST, id="distutils config"),
        pytest.param(HAS_FUNCTION, id="distutils has_function"),
        pytest.param("conftest.c:23:10: fatal error: nosuch.h: No such file or directory\n", id="autoconf"),
        pytest.param(
            "/scratch/tmpab1_d3fg/have.c:1:10: fatal error: 'nosuch.h' file not found\n", id="temporary directory"
        ),
        pytest.param("build/tmpab1_d3fg.c:1:10: fatal error: 'nosuch.h' file not found\n", id="temporary file"),
        pytest.param(
            "/b/CMakeFiles/CMakeScratch/TryCompile-5A/src.c:1:10: fatal error: 'nosuch.h' file not found\n",
            id="CMake try_compile",
        ),
        pytest.param(
            "/b/meson-private/tmpab1_d3fg/testfile.c:17:10: fatal error: nosuch.h: No such file or directory\n",
            id="Meson check",
        ),
    ],
)
def test_a_question_to_the_compiler_lacks_nothing(output: str) -> None:
    assert said(output) == []


def test_a_project_may_be_built_in_a_temporary_directory() -> None:
    assert said("/scratch/tmpab1_d3fg/probe-1.0/src/x.c:1:10: fatal error: 'yaml.h' file not found\n") == [
        "the header yaml.h"
    ]


def test_the_command_of_a_failed_link_tells_a_probe_from_the_build() -> None:
    extension = "cc -shared build/temp.linux-aarch64-cpython-311/x.o -lnosuch -o build/lib/x.so\n" + BFD
    assert said(CONFIGTEST + extension.replace("xml2", "nosuch")) == ["the library -lnosuch"]
    assert said(extension.replace("xml2", "nosuch") + CONFIGTEST) == ["the library -lnosuch"]


@pytest.mark.parametrize(
    "output",
    [
        "src/x.c:1:10: fatal error: Python.h: No such file or directory\n",
        "src/x.c:1:10: fatal error: stdio.h: No such file or directory\n",
        "src/x.cpp:1:10: fatal error: 'vector' file not found\n",
        "/usr/include/features.h:461:12: fatal error: bits/libc-header-start.h: No such file or directory\n",
        "src/x.c:1:10: fatal error: ../generated.h: No such file or directory\n",
        "ld: cannot find -lpython3.11: No such file or directory\n",
        "ld: cannot find -lgcc_s: No such file or directory\n",
        "-- Could NOT find Python (missing: Python_INCLUDE_DIRS Development.Module) \n",
        "error: command 'aarch64-linux-gnu-gcc' failed: No such file or directory\n",
        "FileNotFoundError: [Errno 2] No such file or directory: 'VERSION'\n",
        "configure: error: cannot find required auxiliary files: compile missing\n",
        "configure: error: C compiler cannot create executables\n",
        "gcc -c src/x.c -lxml2\nsrc/x.c:3:1: error: unknown type name 'foo'\n",
        "",
    ],
)
def test_what_no_package_of_a_library_has_is_left_out(output: str) -> None:
    assert said(output) == []


def test_the_order_is_that_of_the_output_and_a_stop_outweighs_a_question() -> None:
    lacks = lacks_in(MESON_OPTIONAL + GCC + MESON + BFD)
    assert [str(lack) for lack in lacks] == [
        "the pkg-config module openblas",
        "the header libxml/xpath.h",
        "the library -lxml2",
    ]
    assert all(lack.decisive for lack in lacks)


def test_modules_that_pkg_config_missed_come_last() -> None:
    lacks = lacks_in(GCC, pkg_config_misses=["libxml-2.0", "python3", "libxslt", "libxml-2.0"])
    assert [str(lack) for lack in lacks] == [
        "the header libxml/xpath.h",
        "the pkg-config module libxml-2.0",
        "the pkg-config module libxslt",
    ]
    assert [lack.decisive for lack in lacks] == [True, False, False]


def test_a_module_that_was_found_otherwise_does_not_lack() -> None:
    assert lacks_in("Run-time dependency pybind11 found: YES 3.0.4\n", pkg_config_misses=["pybind11"]) == ()


def test_a_missed_module_that_the_output_stops_for_is_decisive() -> None:
    assert [lack.decisive for lack in lacks_in(MESON, pkg_config_misses=["openblas"])] == [True]


def test_what_is_decisive_is_no_part_of_what_lacks() -> None:
    assert Lack(kind="header", name="x.h") == Lack(kind="header", name="x.h", decisive=False)


@pytest.mark.parametrize(
    "text",
    [
        "CMake Error at CMakeLists.txt:1 (message):\n" + ("        " * 4 + "\n" + "    words of a log\n") * 500,
        "  [ ===== ]\n" * 50_000,
    ],
    ids=["an indented error of CMake's", "rulers"],
)
def test_long_outputs_are_read_quickly(text: str) -> None:
    """What is much of one kind is not tried in all the ways in which it could be cut."""
    began = time.monotonic()
    assert lacks_in(text) == ()
    assert time.monotonic() - began < 5
