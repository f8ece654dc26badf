"""Fetching repositories, without a password on a command line, which all users of the machine can read.

Source: gitcredentials(7), on helpers; an empty one before it stands for "no other".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from unearth.vcs import vcs_support
from unearth.vcs.git import Git

from crossbuild.errors import UsageError
from crossbuild.redaction import holds_login, redacted_text

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

    from unearth.vcs.base import HiddenText, VersionControl

_HELPER = '!printf "username=%s\\npassword=%s\\n" "$CROSSBUILD_GIT_USER" "$CROSSBUILD_GIT_PASSWORD"; :'
"""A credential helper: a command that gets another word, and prints the login."""


def repository_backend(url: str) -> VersionControl:
    """Return what fetches the repository at ``url``, which it is to be given without the login.

    Raises UsageError if there is a login that only a command line could tell.
    """
    program = url.partition("+")[0]
    if not holds_login(url):
        return vcs_support.get_backend(program)
    parts = urlsplit(url.partition("+")[2])
    if program != "git" or not parts.scheme.startswith("http"):
        raise UsageError(
            f"{redacted_text(url)} has a user or a password in it.",
            why=f"{program} would show them to all users of this machine.",
            fix=f"Leave them out of the URL, and configure them for {program} or ssh.",
        )
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    return _GitWithLogin(f"{parts.scheme}://{host}", unquote(user), unquote(password))


class _GitWithLogin(Git):
    """git that the server behind ``place`` gets a login from, if it asks for one."""

    def __init__(self, place: str, user: str, password: str) -> None:
        super().__init__()
        # The empty helper comes first: those of the user's configuration would be asked otherwise, and told to store.
        helper = f"credential.{place}.helper"
        self._options = ("-c", f"{helper}=", "-c", f"{helper}={_HELPER}")
        self._login = {"CROSSBUILD_GIT_USER": user, "CROSSBUILD_GIT_PASSWORD": password}

    def run_command(
        self, cmd: Sequence[str | HiddenText], *args: Any, **kwargs: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run git with the login in its environment."""
        kwargs["extra_env"] = {**(kwargs.get("extra_env") or {}), **self._login}
        return super().run_command([*self._options, *cmd], *args, **kwargs)
