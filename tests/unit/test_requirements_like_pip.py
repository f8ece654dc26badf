"""Requirements files mean to us what they mean to pip, whose own code reads the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.utils import canonicalize_name, parse_wheel_filename
from virtualenv.seed.wheels.embed import get_embed_wheel

from crossbuild.errors import UsageError
from crossbuild.options.build_options import IndexOptions
from crossbuild.requirements.direct_spec import DirectSpec, read_word
from crossbuild.requirements.file import read_requirements
from crossbuild.requirements.request import Request, read_request

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from crossbuild.requirements.file import RequirementLine

READ_WITH_PIP = """
import json, logging, os, sys
from pip._internal.commands import create_command
from pip._internal.exceptions import PipError
from pip._vendor.packaging.utils import canonicalize_name

def read(words):
    command = create_command("install")
    options, rest = command.parse_args(words)
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options=options, session=session)
        found = command.get_requirements(rest, options, finder, session)
        scope = finder.search_scope
        return {
            "lines": once([line(one) for one in found]),
            "indexes": [url.rstrip("/") for url in scope.index_urls],
            "find_links": [place if "://" in place else os.path.abspath(place) for place in scope.find_links],
            "trusted_hosts": sorted(finder.trusted_hosts),
            "formats": [sorted(finder.format_control.no_binary), sorted(finder.format_control.only_binary)],
            "releases": [sorted(finder.release_control.all_releases), sorted(finder.release_control.only_final)]
            if finder.release_control else [[], []],
            "prefer_binary": finder.prefer_binary,
            "require_hashes": bool(options.require_hashes),
        }

def line(one):
    if one.constraint and one.extras:
        raise PipError("refused later")
    return {
        "name": canonicalize_name(one.req.name) if one.req else "",
        "where": one.link.url.partition("#")[0] if one.link else "",
        "extras": sorted(canonicalize_name(extra) for extra in one.extras),
        "versions": str(one.req.specifier) if one.req and not one.link else "",
        "marker": str(one.markers) if one.markers else "",
        "hashes": {name: sorted(digests) for name, digests in one.hash_options.items()},
        "settings": one.config_settings or {},
        "constraint": one.constraint,
    }

def once(lines):
    return [line for place, line in enumerate(lines) if line not in lines[:place]]

logging.disable()
results = {}
for name, words in json.load(sys.stdin).items():
    os.chdir(name)
    try:
        results[name] = read(words)
    except (PipError, SystemExit, ValueError) as error:
        results[name] = None
json.dump(results, sys.stdout)
"""
A, B = "sha256:" + "a" * 64, "sha384:" + "b" * 96
ENVIRON = {"VERSION": "2.0", "EMPTY": "", "PART": "part-a"}
MARKER = 'platform_machine == "aarch64"'

CASES: dict[str, str | bytes] = {
    "a requirement": "Some_Thing[x, y] >=1,<2 ; python_version > '3'\nother(==1)\n  third==1.*   # why",
    "a marker without blanks": "thing;os_name=='posix'\nthing2 ;os_name=='posix'",
    "a path": f"./part-a\n./part-a ; {MARKER}\n./part-a;{MARKER}\npart-a/ ; {MARKER}\n./my part ; {MARKER}",
    "a path with extras": f"./part-a[x]\n./part-a[x,y_z] ; {MARKER}\n./part-a [x]\n.[x]\n.",
    "a path that goes up": f"../HOME/part-a\n./sub/../part-a ; {MARKER}\n./sub/../sub/thing-1.0-py3-none-any.whl",
    "nothing": "# nothing",
    "a path with a sign": "./at@2\n./thing-1.0.tar.gz",
    "a file": f"thing-1.0.tar.gz\nsub/thing-1.0-py3-none-any.whl ; {MARKER}\n./sub/thing-1.0-py3-none-any.whl[x]",
    "a URL of a file": f"HERE/part-a ; {MARKER}\nHERE/part-a; {MARKER}\nHERE/my%20part\nfile:../HOME/part-a",
    "a URL with a name": f"part-a @ HERE/part-a ; {MARKER}\npart-a[x]@HERE/part-a;{MARKER}\npart-a @ HERE/part-a#egg=a",
    "an archive": f"https://x.example/thing-1.0.tar.gz ; {MARKER}\nhttps://x.example/t.zip#egg=thing&sha256=00",
    "an archive with a name": f"thing @ https://x.example/thing-1.0.tar.gz; {MARKER}\nthing2@https://x.example/thing2-1-py3-none-any.whl",
    "a repository": f"git+https://x.example/thing@v1#egg=thing ; {MARKER}\nthing @ git+ssh://git@x.example/thing@v1",
    "editable": "-e ./part-a\n-e./part-a[x]\n--editable=git+https://x.example/t@1#egg=t\n-e './my part'\n--edit .",
    "editable with a name": f"-e 'part-a[x] @ HERE/part-a ; {MARKER}'",
    "editable with settings": "-e ./part-a -C a=b --config-settings c=d",
    "joined lines": f"a==1.\\\n0\nb \\\n  --hash={A} \\\n  --hash {B}\nc ; os_name \\\n\\\n== 'posix'\nd \\",
    "comments": "# 1 \\\na # 2 \\\n#3\nb \\\n # 4\nc ; os_name != '#' \n https://x.example/t.zip#egg=t",
    "variables": "a==${VERSION}\nb==${VERSION}.${VERSION}\nc ; os_name == '${EMPTY}${ABSENT}'\n./${PART}",
    "the marks of encodings": "thing==1\nother # ö".encode("utf-8-sig"),
    "UTF-16, little end first": b"\xff\xfe" + "thing==1\r\nother".encode("utf-16-le"),
    "UTF-16, big end first": b"\xfe\xff" + "thing==1\nother".encode("utf-16-be"),
    "UTF-32": b"\xff\xfe\x00\x00" + "thing==1\nother".encode("utf-32-le"),
    "a comment with the encoding": "# -*- coding: latin-1 -*-\nthing # é".encode("latin-1"),
    "an encoding in the second line": "\n# vim: set fileencoding=latin-1 :\nthing # é".encode("latin-1"),
    "other ends of lines": b"a\r\nb\rc\x0cd",
    "hashes": f"a==1 --hash={A}\nb==1 ; {MARKER} --hash={A} --hash={B}\nc",
    "hashes that are not wanted": f"--no-require-hashes\na==1 --hash={A}",
    "hashes of all": "--require-hashes\na==1",
    "settings": "a -C x=1 --config-settings=x=2 --config-settings '--build-option=-j 4' --config-settings --y=z\nb",
    "a shortened option": "--index https://i.example\n--extra-index https://e.example\na --config-setting x=1",
    "indexes": "-i https://i.example/simple\n--extra-index-url https://e.example\n--extra-index-url=https://f.example\na",
    "an index after others": "--extra-index-url https://e.example\n-i https://i.example\n--extra-index-url https://f.example\na",
    "two indexes": "-i https://i.example\n--index-url https://j.example --extra-index-url https://e.example\na",
    "no index": "--no-index --find-links links\na",
    "no index any more": "-i https://i.example\n--no-index\n--extra-index-url https://e.example\na",
    "links": "-f links\n-f ./sub/links\n--find-links https://l.example/x.html\n-f HERE/links\na\n-r sub/more.txt",
    "hosts": "--trusted-host x.example --trusted-host y.example:8080\na",
    "further files": "a\n-r sub/more.txt\n-c sub/limits.txt\n--requirement HERE/last.txt",
    "constraints": "-c sub/limits.txt\na[x]",
    "a constraint with a URL": "-c sub/places.txt\na",
    "constraints that are wheels": "-c sub/wheels.txt\na",
    "formats": "--no-binary A.b,c\n--only-binary c,d\na",
    "formats, taken back": "--no-binary a,b\n--only-binary :all:\n--no-binary b\n--only-binary :none:\na",
    "formats, all": "--no-binary a\n--no-binary :all:\n--only-binary b --no-binary b,:none:,c\na",
    "formats in a further file": "--no-binary :all:\n-r sub/formats.txt\na",
    "pre-releases": "--pre\na",
    "pre-releases of some": "--all-releases :all: --only-final a,b\n--all-releases b\na",
    "wheels before versions": "--prefer-binary\na",
    "features": "--use-feature=fast-deps\na",
    "what pip-compile writes": f"""\
#
# This file is autogenerated by pip-compile with Python 3.11
#
--index-url https://i.example/simple
--extra-index-url https://e.example/simple
--trusted-host e.example

a[x]==1.0 \\
    --hash={A} \\
    --hash={B}
    # via
    #   -r requirements.in
    #   b
b==2.0 ; python_version < "3.13" \\
    --hash={A}
    # via -r requirements.in

# The following packages are considered to be unsafe in a requirements file:
# setuptools
""",
    "what poetry exports": f"""\
--extra-index-url https://e.example/simple

a==1.0 ; python_version >= "3.9" and python_version < "4.0" \\
    --hash={A} \\
    --hash={B}
c @ git+https://x.example/c@0123abc ; python_version >= "3.9" and sys_platform == "linux"
part-a @ HERE/part-a ; python_version >= "3.9"
""",
    "what pipenv prints": f"-i https://i.example\na[x]==1.0; python_version >= '3.7'\n./part-a ; {MARKER}\n-e .\n",
    "what uv exports": f"""\
# This file was autogenerated by uv via the following command:
#    uv export
-e .
./part-a
    # via all
a==1.0 ; sys_platform == 'linux' \\
    --hash={A}
""",
    "what pip freeze prints": """\
a==1.0
b @ https://x.example/b-1.0.tar.gz#sha256=0123
-e git+https://x.example/c@0123abc#egg=c&subdirectory=sub/c
# Editable install with no version control (part-a==1.0)
-e PLACE/part-a
part-a @ HERE/part-a
""",
    # What pip refuses:
    "a constraint with extras": "-c sub/extras.txt\na",
    "an unknown option": "a --frobnicate",
    "an unknown hash": "a --hash=md5:12",
    "an option without its value": "--index-url",
    "a missing file": "-r absent.txt",
    "a file in itself": "a\n-r requirements.txt",
    "a quote without an end": "a --config-settings 'x=y",
    "a marker that is none": "./part-a ; frob == 1",
    "a path that is not there": f"./absent ; {MARKER}",
    "settings that are none": "a --config-settings x",
    "editable constraints": "-c sub/editable.txt\na",
    "a comment without a blank": "other#4",
}
REFUSED = [*CASES][[*CASES].index("a constraint with extras") :]
FILES = {
    "sub/more.txt": "b\n-r deep/more.txt\n-f links\n--extra-index-url https://sub.example",
    "sub/deep/more.txt": "c ; os_name == 'posix'\n-r ../../last.txt",
    "sub/limits.txt": f"b<2\n-r more-limits.txt\nc==1 --hash={A}",
    "sub/more-limits.txt": "d!=1",
    "sub/places.txt": f"thing @ https://x.example/thing-1.0.tar.gz ; {MARKER}",
    "sub/wheels.txt": "sub/thing-1.0-py3-none-any.whl\nhttps://x.example/t-1-py3-none-any.whl",
    "sub/formats.txt": "--only-binary d\n--no-binary e",
    "sub/extras.txt": "a[x]<2",
    "sub/editable.txt": "-e ./part-a",
    "last.txt": "z",
    "sub/thing-1.0-py3-none-any.whl": "",
    "thing-1.0.tar.gz": "",
    "pyproject.toml": "",
    "part-a/pyproject.toml": "",
    "my part/pyproject.toml": "",
    "at@2/pyproject.toml": "",
    "links/here": "",
    "sub/links/here": "",
}


@pytest.fixture(scope="module")
def with_pip(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """For the directory of each case: what pip reads, and nothing if it refuses to."""
    top = tmp_path_factory.mktemp("cases")
    directories = {name: write_case(top / f"case{number}", name) for number, name in enumerate(CASES)}
    question = {str(directory): ["--no-input", "-r", "requirements.txt"] for directory in directories.values()}
    pip = get_embed_wheel("pip", "{}.{}".format(*sys.version_info))
    assert pip
    own = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ_WITH_PIP],
        input=json.dumps(question),
        env={**own, **ENVIRON, "PYTHONPATH": str(pip.path), "PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    answers = json.loads(done.stdout)
    return {name: (directory, answers[str(directory)]) for name, directory in directories.items()}


def write_case(directory: Path, name: str) -> Path:
    content = CASES[name]
    for file, text in FILES.items():
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        (directory / file).write_text(text)
    here = (("HERE", directory.as_uri()), ("HOME", directory.name), ("PLACE", str(directory)))
    if isinstance(content, str):
        for word, replacement in here:
            content = content.replace(word, replacement)
    requirements = directory / "requirements.txt"
    requirements.write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory


def read_by_us() -> dict[str, Any] | None:
    file = Path("requirements.txt")
    try:
        lines = read_requirements([file], environ=ENVIRON).lines
        asked, index = read_request(Request(files=(file,)), index=IndexOptions(), environ=ENVIRON)
    except UsageError:
        return None
    policy, said = asked.policy, [as_pip_says(line, read_word(line.text)) for line in lines]
    indexes = [] if index.no_index else [index.index_url or "https://pypi.org/simple", *index.extra_index_urls]
    return {
        "lines": [line for place, line in enumerate(said) if line not in said[:place]],
        "indexes": [url.rstrip("/") for url in indexes],
        "find_links": [place if "://" in place else str(Path(place).absolute()) for place in index.find_links],
        "trusted_hosts": sorted(index.trusted_hosts),
        "formats": [sorted(policy.no_binary), sorted(policy.only_binary)],
        "releases": [sorted(policy.all_releases), sorted(policy.only_final)],
        "prefer_binary": policy.prefer_binary,
        "require_hashes": policy.require_hashes,
    }


def as_pip_says(line: RequirementLine, word: Requirement | DirectSpec) -> dict[str, Any]:
    place = word if isinstance(word, DirectSpec) else None
    where = "" if place is None else place.where.as_uri() if isinstance(place.where, Path) else place.where
    name = parse_wheel_filename(where.rpartition("/")[2])[0] if where.endswith(".whl") else canonicalize_name(word.name)
    return {
        "name": name,
        "where": where.partition("#")[0],
        "extras": sorted(word.extras),
        "versions": "" if isinstance(word, DirectSpec) else str(word.specifier),
        "marker": str(word.marker or ""),
        "hashes": {algorithm: sorted(digests) for algorithm, digests in line.hashes.items()},
        "settings": {} if line.constraint else line.config_settings,
        "constraint": line.constraint,
    }


@pytest.mark.parametrize("name", CASES)
def test_the_same_as_pip(name: str, with_pip: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    directory, expected = with_pip[name]
    monkeypatch.chdir(directory)
    assert read_by_us() == expected
    assert (expected is None) == (name in REFUSED), "pip reads it otherwise than when this test was written"
