"""Which packages have what a build lacked, by lines of the Contents indexes of Debian 12 (arm64 and all)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.advice.hints import hint_lines, sysroot_packages
from crossbuild.advice.missing_files import Lack
from crossbuild.advice.suppliers import Supplier, find_suppliers
from crossbuild.sysroot.contents import Contents

if TYPE_CHECKING:
    from crossbuild.advice.phrases import Kind

BOOKWORM = Contents(file=Path(__file__).with_name("bookworm_contents.txt"))


def lacking(kind: Kind, *names: str, decisive: bool = True) -> list[Lack]:
    return [Lack(kind=kind, name=name, decisive=decisive) for name in names]


def suppliers(*lacks: Lack) -> tuple[Supplier, ...]:
    return find_suppliers(lacks, BOOKWORM, multiarch="aarch64-linux-gnu")


def supplier(kind: Kind, name: str) -> Supplier:
    (found,) = suppliers(*lacking(kind, name))
    return found


@pytest.mark.parametrize(
    ("kind", "name", "package"),
    [
        ("header", "yaml.h", "libyaml-dev"),
        ("header", "ffi.h", "libffi-dev"),
        ("header", "zmq.h", "libzmq3-dev"),
        ("header", "jpeglib.h", "libjpeg62-turbo-dev"),
        ("header", "openssl/ssl.h", "libssl-dev"),
        ("header", "libxml/xpath.h", "libxml2-dev"),
        ("header", "ft2build.h", "libfreetype-dev"),
        ("header", "libpq-fe.h", "libpq-dev"),
        ("header", "glibconfig.h", "libglib2.0-dev"),
        ("header", "hdf5.h", "libhdf5-dev"),
        ("header", "Eigen/Dense", "libeigen3-dev"),
        ("library", "xml2", "libxml2-dev"),
        ("library", "jpeg", "libjpeg62-turbo-dev"),
        ("library", "blas", "libblas-dev"),
        ("library", "hdf5", "libhdf5-dev"),
        ("library", "zlib", "zlib1g-dev"),
        ("library", "lcms", "liblcms2-dev"),
        ("library", "openblas", "libopenblas-openmp-dev"),
        ("module", "libxml-2.0", "libxml2-dev"),
        ("module", "libxslt", "libxslt1-dev"),
        ("module", "zlib", "zlib1g-dev"),
        ("module", "freetype2", "libfreetype-dev"),
        ("module", "libwebp", "libwebp-dev"),
        ("module", "libzmq", "libzmq3-dev"),
        ("module", "lcms2", "liblcms2-dev"),
        ("module", "libtiff-4", "libtiff-dev"),
        ("module", "raqm", "libraqm-dev"),
        ("module", "X11", "libx11-dev"),
        ("module", "openblas", "libopenblas-openmp-dev"),
        ("module", "hdf5", "libhdf5-dev"),
        ("module", "eigen3", "libeigen3-dev"),
        ("cmake", "Eigen3", "libeigen3-dev"),
        ("cmake", "OpenBLAS", "libopenblas-openmp-dev"),
        ("cmake", "ZLIB", "zlib1g-dev"),
        ("cmake", "JPEG", "libjpeg62-turbo-dev"),
        ("cmake", "TIFF", "libtiff-dev"),
        ("cmake", "LibXml2", "libxml2-dev"),
        ("program", "pg_config", "libpq-dev"),
        ("program", "xslt-config", "libxslt1-dev"),
    ],
)
def test_a_library_is_found_by_any_of_its_files(kind: Kind, name: str, package: str) -> None:
    found = supplier(kind, name)
    assert (found.package, found.kind) == (package, "sysroot")


def test_a_program_that_is_no_part_of_a_library_is_for_the_build_machine() -> None:
    found = supplier("program", "bison")
    assert (found.package, found.kind, found.others) == ("bison", "build-machine", ())


def test_packages_that_serve_as_well_are_named() -> None:
    found = supplier("header", "curl/curl.h")
    assert found.package == "libcurl4-gnutls-dev"
    assert found.others == ("libcurl4-nss-dev", "libcurl4-openssl-dev")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param("header", "nosuch.h", id="unknown header"),
        pytest.param("library", "nosuch", id="unknown library"),
        pytest.param("program", "nosuch", id="unknown program"),
        pytest.param("header", "YAML.H", id="headers are what they are called"),
        pytest.param("header", "yaml_h", id="names are no patterns"),
        pytest.param("header", "config.h", id="everybody has one"),
        pytest.param("header", "windows.h", id="two have one, of their own"),
        pytest.param("module", "ZeroMQ", id="Debian 12's libzmq has no file called so"),
    ],
)
def test_nothing_is_made_up(kind: Kind, name: str) -> None:
    assert supplier(kind, name) == Supplier(lack=Lack(kind=kind, name=name), package=None)


def test_another_architectures_libraries_are_private() -> None:
    (found,) = find_suppliers(lacking("library", "jpeg"), BOOKWORM, multiarch="riscv64-linux-gnu")
    assert found.package == "libjpeg62-turbo-dev", "not darktable, whose plugin is called libjpeg.so, too"


def test_suppliers_come_in_the_order_of_what_lacks() -> None:
    found = suppliers(*lacking("program", "bison"), *lacking("header", "nosuch.h", "yaml.h"))
    assert [one.package for one in found] == ["bison", None, "libyaml-dev"]


def test_nothing_lacks() -> None:
    assert suppliers() == ()


def test_a_file_of_several_packages_comes_once_for_each(tmp_path: Path) -> None:
    index = tmp_path / "contents.txt"
    index.write_text("usr/include/a b.h\t  libdevel/one-dev,universe/libdevel/two-dev\nusr/include/c.h  flat-dev\n")
    found = list(Contents(file=index).matching(re.compile(r".*\.h")))
    assert found == [
        ("usr/include/a b.h", "libdevel", "one-dev"),
        ("usr/include/a b.h", "universe/libdevel", "two-dev"),
        ("usr/include/c.h", "", "flat-dev"),
    ]


def test_packages_are_told_by_where_they_belong() -> None:
    found = suppliers(*lacking("program", "bison", "pg_config", "nosuch"), *lacking("library", "pq", "xml2"))
    assert sysroot_packages(found) == ("libpq-dev", "libxml2-dev")


BUILD_AGAIN = "Build again with --auto-sysroot to add missing packages as they are found, or with"


def test_the_hint_ends_with_what_to_add() -> None:
    needed = [*lacking("header", "libxml/xpath.h", "nosuch.h"), *lacking("module", "libxslt", "libxml-2.0")]
    assert hint_lines(suppliers(*needed, *lacking("program", "bison"))) == (
        "Missing: the header libxml/xpath.h, provided by libxml2-dev.",
        "Missing: the header nosuch.h, which no package of the distribution provides.",
        "Missing: the pkg-config module libxslt, provided by libxslt1-dev.",
        "Missing: the pkg-config module libxml-2.0, provided by libxml2-dev.",
        "Missing: the program bison, provided by bison.",
        f"{BUILD_AGAIN} --sysroot-package libxml2-dev --sysroot-package libxslt1-dev",
        "Install on this machine: apt install bison",
    )


def test_the_hint_keeps_apart_what_the_build_may_do_without() -> None:
    wished = lacking("module", "libwebp", "lcms2", "nosuch", decisive=False)
    assert hint_lines(suppliers(*lacking("library", "jpeg"), *wished)) == (
        "Missing: the library -ljpeg, provided by libjpeg62-turbo-dev.",
        "Also looked for: the pkg-config module libwebp, provided by libwebp-dev.",
        "Also looked for: the pkg-config module lcms2, provided by liblcms2-dev.",
        f"{BUILD_AGAIN} --sysroot-package libjpeg62-turbo-dev",
        "For the others as well: --sysroot-package libwebp-dev --sysroot-package liblcms2-dev",
    )


def test_the_hint_where_the_build_did_not_say_what_it_stopped_for() -> None:
    assert hint_lines(suppliers(*lacking("module", "libwebp", "nosuch", decisive=False))) == (
        "Looked for: the pkg-config module libwebp, provided by libwebp-dev.",
        "Looked for: the pkg-config module nosuch, which no package of the distribution provides.",
        f"If that is the reason, b{BUILD_AGAIN[1:]} --sysroot-package libwebp-dev",
    )


def test_a_build_that_adds_packages_itself_gets_no_option_for_that() -> None:
    (*_, last) = hint_lines(suppliers(*lacking("header", "libxml/xpath.h")), automatic=True)
    assert last == "Build again with --sysroot-package libxml2-dev"


def test_the_hint_names_alternatives() -> None:
    (first, *_) = hint_lines(suppliers(*lacking("library", "curl")))
    assert first == (
        "Missing: the library -lcurl, provided by libcurl4-gnutls-dev (or libcurl4-nss-dev, libcurl4-openssl-dev)."
    )


def test_a_root_of_the_users_own_gets_no_options() -> None:
    (*_, last) = hint_lines(suppliers(*lacking("library", "pq", "xml2")), root="/srv/arm")
    assert last == "Install in /srv/arm: libpq-dev libxml2-dev"
