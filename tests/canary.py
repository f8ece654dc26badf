"""A password that must not be found anywhere: an index that asks for it, and a search in all that is left behind."""

from __future__ import annotations

import base64
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from tests.unit.index_server import Server, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.index_server import Server

USER, PASSWORD = "somebody", "Quokka7:p@ss/w+rd%"
QUOTED = quote(PASSWORD, safe="")


def _encoded(text: str) -> set[str]:
    """Return what of ``text`` is in the base64 of anything that holds it."""
    whole = (base64.b64encode(b" " * before + text.encode()).decode() for before in range(3))
    # The first and the last four characters depend on what is around it.
    return {one[4:-4] for one in whole}


LOGIN = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
"""What clients send that know it."""
SIGNS = {"quokka7", *map(str.lower, (PASSWORD, QUOTED, quote_plus(PASSWORD), repr(PASSWORD)[1:-1]))}
"""What is looked for in lower case."""
ENCODED = _encoded(PASSWORD) | _encoded(QUOTED)


def with_login(url: str) -> str:
    """Return ``url`` with user and password."""
    return url.replace("://", f"://{USER}:{QUOTED}@")


def is_in(content: bytes) -> bool:
    """Return whether the password is in ``content``, as it is or encoded."""
    low = content.lower()
    return any(sign.encode() in low for sign in SIGNS) or any(sign.encode() in content for sign in ENCODED)


def files_with_it(*directories: Path, since: float = 0) -> list[str]:
    """Return the files and links below ``directories``, changed after ``since``, that hold the password."""
    paths = [path for directory in directories for path in directory.rglob("*")]
    return [str(path) for path in paths if is_in(str(path).encode()) or any(map(is_in, _contents(path, since)))]


def _contents(path: Path, since: float) -> Iterator[bytes]:
    if path.is_symlink():
        yield str(path.readlink()).encode()
    elif path.is_file() and path.stat().st_mtime >= since:
        yield path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from map(archive.read, archive.namelist())


@dataclass(frozen=True, kw_only=True)
class PrivateIndex:
    """An index that answers only those who know the password."""

    server: Server

    @property
    def bare(self) -> str:
        return self.server.index

    @property
    def url(self) -> str:
        return with_login(self.bare)

    def add(self, wheel: Path) -> None:
        """List ``wheel``."""
        self.server.add(wheel.name, project=wheel.name.partition("-")[0], content=wheel.read_bytes())


@contextmanager
def private_index() -> Iterator[PrivateIndex]:
    """Serve one."""
    with serve() as server:
        server.login = LOGIN
        yield PrivateIndex(server=server)
