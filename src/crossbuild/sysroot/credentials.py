"""Users and passwords of archives: taken out of addresses, and given to apt in a file for this user alone.

In addresses they would be in apt's lists of sources, on its command lines, in its log and its complaints.
Source: apt_auth.conf(5).
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from crossbuild.sysroot.sources import SourceRequest

_CREDENTIALS = re.compile(
    r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^/@\s:]*):?(?P<password>[^/@\s]*)@(?P<rest>[^\s']*)"
)


def without_credentials(text: str) -> str:
    """Return ``text`` with no user and no password in any of its addresses."""
    return _CREDENTIALS.sub(r"\g<scheme>\g<rest>", text)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Those that were found in addresses."""

    _entries: dict[str, None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._entries)

    def taken_from(self, text: str) -> str:
        """Return ``text`` with no user and no password in any of its addresses; keep them."""
        return _CREDENTIALS.sub(self._take, text)

    def taken_from_request(self, request: SourceRequest) -> SourceRequest:
        """Return ``request`` with none in the addresses of its mirrors; keep them."""
        further = tuple(map(self.taken_from, request.further_mirrors))
        return replace(request, mirror=self.taken_from(request.mirror), further_mirrors=further)

    def _take(self, match: re.Match[str]) -> str:
        machine = match["scheme"] + match["rest"].partition("/dists/")[0]
        self._entries[f"machine {machine} login {unquote(match['user'])} password {unquote(match['password'])}"] = None
        return match["scheme"] + match["rest"]

    def write(self, file: Path, *, machines_own: str) -> Path | None:
        """Write ``file`` for this user alone and return it; remove it and return None if there are none.

        ``machines_own``: what ``apt-config shell`` says of the machine's own file, whose content comes last.
        """
        file.unlink(missing_ok=True)
        if not self._entries:
            return None
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.writelines(f"{entry}\n" for entry in self._entries)
            opened.write(_content(machines_own))
        return file


def _content(assignment: str) -> str:
    """Return what is in the file that ``FILE='/etc/apt/auth.conf'`` names, if it can be read."""
    words = shlex.split(assignment)
    try:
        return Path(words[0].partition("=")[2]).read_text(encoding="utf-8", errors="replace") if words else ""
    except OSError:
        return ""
