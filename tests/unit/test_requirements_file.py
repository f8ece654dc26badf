"""Files of requirements, as pip reads them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.errors import UsageError
from crossbuild.requirements.file import read_requirements

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.requirements.file import RequirementsFile

ENVIRON = {"VERSION": "2.0", "EMPTY": ""}
SHA256 = "a" * 64


def read(directory: Path, text: str | bytes, **files: str) -> RequirementsFile:
    """Read a file with ``text``, beside ``files``, by their names without the ending."""
    (directory / "sub").mkdir(exist_ok=True)
    for name, content in files.items():
        (directory / f"{name.replace('__', '/')}.txt").write_text(content)
    file = directory / "requirements.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_requirements([file], environ=ENVIRON)


def texts(directory: Path, text: str | bytes, **files: str) -> list[str]:
    return [line.text for line in read(directory, text, **files).lines]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n  b >= 1  # why\n# c\n#d", ["a", "b >= 1"]),
        ("a[x,y] ; os_name < '4' \\\nand os_name == 'posix'", ["a[x,y] ; os_name < '4' and os_name == 'posix'"]),
        ("# a \\\nb", ["b"]),
        ("a \\", ["a"]),
        ("a==${VERSION}\nb==${ABSENT}\nc==$VERSION", ["a==2.0", "b==${ABSENT}", "c==$VERSION"]),
        ("./own\nhttps://x.example/a-1.tar.gz#egg=a\na @ https://x.example/a.whl#sha256=12",
         ["./own", "https://x.example/a-1.tar.gz#egg=a", "a @ https://x.example/a.whl#sha256=12"]),
        ("a==1.\\\n0", ["a==1.0"]),
        ("-e ./own ; os_name == 'a'\n-e a @ git+https://x.example/a -C x=y",
         ["./own ; os_name == 'a'", "a @ git+https://x.example/a"]),
        ("-e ./own\n--editable=git+https://x.example/a#egg=a", ["./own", "git+https://x.example/a#egg=a"]),
        ("a-b\nc --hash=sha256:" + SHA256, ["a-b", "c"]),
        ("\ufeffa".encode(), ["a"]),
        ("a\r\nb".encode("utf-16"), ["a", "b"]),
        ("# -*- coding: latin-1 -*-\na # é".encode("latin-1"), ["a"]),
        ("a\r\nb\r\n", ["a", "b"]),
    ],
)  # fmt: skip
def test_lines(tmp_path: Path, text: str | bytes, expected: list[str]) -> None:
    assert texts(tmp_path, text) == expected


def test_what_is_included_is_beside_the_file_that_says_so(tmp_path: Path) -> None:
    text = "a\n-r sub/one.txt\n--constraint=limits.txt\n-rlast.txt"
    more = {"sub__one": "b\n-r two.txt", "sub__two": "c", "limits": "d<2\n-r more.txt", "more": "e<3", "last": "f"}
    found = read(tmp_path, text, **more)
    assert [(line.text, line.constraint) for line in found.lines] == [
        ("a", False), ("b", False), ("c", False), ("d<2", True), ("e<3", False), ("f", False),
    ]  # fmt: skip
    assert found.lines[2].origin == f"{tmp_path}/sub/two.txt, line 1"
    everything = read_requirements([], constraints=[tmp_path / "requirements.txt"], environ={})
    assert [line.text for line in everything.lines if line.constraint] == ["a", "d<2"]


def test_hashes(tmp_path: Path) -> None:
    (line,) = read(tmp_path, f"a==1 \\\n  --hash=sha256:{SHA256} \\\n  --hash sha256:{'B' * 64} --hash=sha512:00").lines
    assert line.hashes == {"sha256": (SHA256, "b" * 64), "sha512": ("00",)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-i https://a.example\n--index-url https://b.example/simple", {"index_url": "https://b.example/simple"}),
        ("--extra-index-url=https://a.example\n--extra-index-url https://b.example",
         {"extra_index_urls": ("https://a.example", "https://b.example")}),
        ("--find-links https://l.example", {"find_links": ("https://l.example",)}),
        ("--no-index --pre --prefer-binary --require-hashes",
         {"no_index": True, "pre": True, "prefer_binary": True, "require_hashes": True}),
        ("--no-binary A.b,c\n--only-binary c,d", {"no_binary": {"a-b"}, "only_binary": {"c", "d"}}),
        ("--no-binary a,b\n--only-binary :all:", {"no_binary": set(), "only_binary": {":all:"}}),
        ("-i=https://i.example", {"index_url": "https://i.example"}),
        ("--trusted-host x.example", {"trusted_hosts": ("x.example",)}),
        ("--all-releases A\n--only-final :all:", {"all_releases": set(), "only_final": {":all:"}}),
        ("--no-binary a\n--no-binary :none:\n--no-binary b", {"no_binary": {"b"}}),
        ("-r one.txt", {"pre": True}),
    ],
)  # fmt: skip
def test_options(tmp_path: Path, text: str, expected: dict[str, Any]) -> None:
    found = read(tmp_path, text, one="--pre")
    assert {name: getattr(found, name) for name in expected} == expected
    assert not found.lines


def test_what_was_said_before_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("--no-binary :all:")
    found = read_requirements([tmp_path / "a.txt"], environ={}, only_binary=frozenset({"b"}))
    assert found.no_binary == {":all:"}
    assert not found.only_binary


def test_settings_of_a_single_project(tmp_path: Path) -> None:
    text = "a -C x=1 --config-settings=x=2 --config-settings '--build-option=-j 4'\n-e ./own -C y=z"
    found = [line.config_settings for line in read(tmp_path, text).lines]
    assert found == [{"x": ["1", "2"], "--build-option": "-j 4"}, {"y": "z"}]


def test_links_are_beside_the_file_or_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sub/both", "both", "here"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    found = read(tmp_path, "-r sub/one.txt", sub__one="-f both\n-f here\n-f nowhere")
    assert found.find_links == (f"{tmp_path}/sub/both", "here")
    assert found.warnings == (
        f"{tmp_path}/sub/one.txt, line 3: --find-links nowhere does not exist, and has no effect.",
    )


def test_a_path_is_in_the_working_directory_or_else_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for directory in ("files/beside", "files/both", "here/both"):
        (tmp_path / directory).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    said = ["./beside ; os_name == 'posix'", "./beside[x]", "./both", "./nowhere", "beside", "a>=1;os_name=='posix'"]
    beside = str(tmp_path / "files/beside")
    found = [f"{beside} ; os_name == 'posix'", f"{beside}[x]", *said[2:]]
    assert texts(tmp_path / "files", "\n".join(said)) == found


@pytest.mark.parametrize(
    ("text", "void"),
    [
        ("a --pre --no-binary x -i https://x.example", "--index-url --pre --no-binary"),
        (f"-e ./own --hash=sha256:{SHA256}", "--hash"),
        (f"--no-index --hash=sha256:{SHA256}", "--hash"),
        ("--pre a", "a"),
    ],
)
def test_what_pip_passes_over_is_told(text: str, void: str, tmp_path: Path) -> None:
    found = read(tmp_path, text)
    assert found.warnings == (f"{tmp_path}/requirements.txt, line 1: {void} has no effect here.",)
    assert (found.index_url, found.no_binary) == ("", frozenset())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\n-r absent.txt", ["absent.txt could not be read"]),
        ("a\n-r one.txt", ["includes itself", "one.txt"]),
        ("a --hash=md5:12", ["line 1", "md5:12", "sha256"]),
        ("\n\na --global-option=x", ["line 3", "--global-option", "crossbuild.toml"]),
        ("a --config-settings x", ["line 1", "'x' is not KEY=VALUE"]),
        ("--require-hashes --no-require-hashes", ["exclude each other"]),
        ("a # \xe9".encode("latin-1"), ["could not be read", "UTF-8", "coding: latin-1"]),
        ("--unknown", ["line 1", "--unknown"]),
        ("a 'b --hash='x", ["line 1"]),
        ("-r https://x.example/r.txt", ["which is not a file", "Download"]),
        (b"\xff\xfea", ["could not be read"]),
        ("a\n-r /dev/zero", ["/dev/zero could not be read", "larger than 16 MiB"]),
        ("-c /dev/zero", ["/dev/zero could not be read"]),
        ("-r sub", ["sub could not be read", "directory"]),
        ("-r loop", ["loop could not be read", "symbolic links"]),
        ("-r pipe", ["pipe could not be read", "nothing writes to"]),
        *(
            (f"# coding: {name}\na", ["could not be read"])
            for name in ("undefined", "unknown", "base64", "rot13", "..")
        ),
        *((f"# coding: {name}\n\xe9".encode("latin-1"), ["could not be read"]) for name in ("punycode", "idna")),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str | bytes, words: list[str]) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text, one="-r requirements.txt")
    assert not [word for word in words if word not in str(caught.value)], str(caught.value)


def test_files_that_include_each_other_too_deeply(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"{number}.txt").write_text(f"-r {number + 1}.txt\n")
    with pytest.raises(UsageError, match="included through more than 100 other files"):
        read_requirements([tmp_path / "0.txt"], environ={})


def test_a_file_that_several_include_is_read_once(tmp_path: Path) -> None:
    """Else forty short files would say a thousand billion lines."""
    for number in range(40):
        (tmp_path / f"{number}.txt").write_text(f"-r {number + 1}.txt\n" * 2 + f"-c {number + 1}.txt\n")
    (tmp_path / "40.txt").write_text("a\n")
    lines = read_requirements([tmp_path / "0.txt"], environ={}).lines
    assert [(line.text, line.constraint) for line in lines] == [("a", False), ("a", True)]
