"""Read the tables of a configuration: each value checked, each refusal with the place and an example."""

from __future__ import annotations

import difflib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from packaging.requirements import InvalidRequirement

from crossbuild.errors import SysrootError, UsageError
from crossbuild.host.host_request import python_from_text
from crossbuild.options.environment_changes import EnvironmentChange
from crossbuild.sysroot.apt_sources import first_and_further
from crossbuild.sysroot.names import SysrootName, is_package_name, is_sysroot_name
from crossbuild.system.disk_usage import size_from_text
from crossbuild.system.documents import read_toml
from crossbuild.system.requirement_text import read_requirement, shown

if TYPE_CHECKING:
    from collections.abc import Collection

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_VARIABLES = re.compile(r"[^\s=,]+")
TAG = re.compile(r"((many|musl)linux[0-9_]|linux_)")
"""How platform tags begin, right or wrong."""


def load(file: Path) -> dict[str, Any]:
    """Return the content of a TOML file. Raises UsageError if it cannot be read."""
    try:
        return read_toml(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read.", why=str(error), fix="Mend it; it has to be TOML.") from None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of a configuration, whose values are taken by what they are to be; UsageError if they are not."""

    values: Mapping[str, Any]
    name: str
    """``packages.lxml``; empty for the whole."""
    where: str
    """The file, for messages."""
    base: Path
    """The directory that relative paths start from."""

    @classmethod
    def from_value(cls, value: object, *, name: str, where: str, base: Path) -> Self:
        """Take ``value``. Raises UsageError if it is no table."""
        if not isinstance(value, Mapping):
            raise UsageError(f"{f'{name} in ' if name else ''}{where} is not a table.")
        return cls(values=value, name=name, where=where, base=base)

    def refuse_other_keys(self, known: Collection[str]) -> None:
        """Raise UsageError if there is a key that is not ``known``, naming the near one."""
        # A key that is ignored is worse than an error: the setting seems to be there and does nothing.
        for key in sorted(set(self.values) - set(known)):
            near = difflib.get_close_matches(key, known, n=1)
            raise UsageError(
                f"{self._place()} has an unknown key: {key}.",
                fix=f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(sorted(known))}.",
            )

    def refuse_ambiguous_hosts(self) -> None:
        """Raise UsageError if a key is something else to ``--host``."""
        for name in self.values:
            if not PLAIN_NAME.fullmatch(name) or TAG.match(name):
                raise UsageError(
                    f"{self._place()} holds {name!r}, which --host takes for a tag, a path or a release.",
                    fix="Call it something with letters, digits, dashes and dots only, such as pi.",
                )

    def table(self, key: str) -> Table:
        """Return a table, an empty one if there is none."""
        name = f"{self.name}.{key}" if self.name else key
        return Table.from_value(self.values.get(key, {}), name=name, where=self.where, base=self.base)

    def tables(self, key: str) -> dict[str, Table]:
        """Return the tables in the table ``key``, by name."""
        outer = self.table(key)
        return {name: outer.table(name) for name in outer.values}

    def text(self, key: str) -> str:
        """Return a text, empty if there is none."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else self._refuse(key, "a text", '"…"')

    def refuse_unless_one_of(self, key: str, choices: Collection[str]) -> None:
        """Raise UsageError if the value of ``key`` is none of ``choices``."""
        if self.values[key] not in choices:
            self._refuse(key, f"one of {', '.join(choices)}", f'"{next(iter(choices))}"')

    def host(self, key: str) -> str:
        """Return what ``--host`` takes: what is neither a tag nor a release is a path, and made absolute."""
        text = self.text(key) or self._refuse(key, "there, or empty", '"debian:bookworm:armhf"')
        # Even a malformed tag is left alone. Made a path, the error about it would be that there is no such file.
        return text if TAG.match(text) or is_sysroot_name(text) else self._absolute(text)

    def prefix(self, key: str) -> str:
        """Return what stands before the names of compilers, or a word for them; a relative path is made absolute."""
        text = self.text(key)
        # Without a slash it is a word such as ``zig``, or a prefix that is looked for on PATH.
        return self._absolute(text) if "/" in text else text

    def command(self, key: str) -> str:
        """Return a program with its arguments; if it is a relative path, it is made absolute."""
        try:
            # Only the program can be a path of the configuration's directory. Of its arguments, nobody but the compiler
            # knows what they are.
            program, *arguments = shlex.split(self.text(key)) or [""]
        except ValueError as error:
            self._refuse(key, f"a command: {error}", '"arm-linux-gnueabihf-gcc"')
        return shlex.join([self._absolute(program) if "/" in program else program, *arguments]) if program else ""

    def path(self, key: str) -> Path | None:
        """Return an absolute path."""
        text = self.text(key)
        return Path(self._absolute(text)) if text else None

    def sysroot(self, key: str) -> Path | SysrootName | None:
        """Return a directory, or a distribution's release."""
        text = self.text(key)
        try:
            return SysrootName.from_text(text) if is_sysroot_name(text) else self.path(key)
        except SysrootError as error:
            self._refuse(key, f"a directory or a release: {error.what}", '"debian:bookworm:armhf"')

    def mirrors(self, key: str) -> tuple[str, tuple[str, ...]]:
        """Return the addresses of archives, the first and the others. Directories may be relative."""
        value = self.values.get(key, [])
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
            self._refuse(key, "a text or a list of texts", '"https://example.org/debian"')
        # A colon makes it an address; every scheme that apt knows has one. What is left is a directory.
        return first_and_further(text if ":" in text else self._absolute(text) for text in texts if text)

    def version(self, key: str) -> tuple[tuple[int, int], str | None] | tuple[None, None]:
        """Return the version in ``"3.13t"`` as a pair, and the ABI flags."""
        text = self.text(key)
        if not text:
            return None, None
        try:
            return python_from_text(text)
        except UsageError:
            self._refuse(key, "X.Y", '"3.11"')

    def switch(self, key: str) -> bool:
        """Return a boolean, false if there is none."""
        value = self.values.get(key, False)
        return value if isinstance(value, bool) else self._refuse(key, "true or false", "true")

    def size(self, key: str) -> int | None:
        """Return the bytes in a text such as ``"20G"``."""
        text = self.text(key)
        try:
            return size_from_text(text) if text else None
        except ValueError:
            self._refuse(key, "a size", '"20G"')

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.values.get(key, [])
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        return self._refuse(key, "a list of texts", '["libxml2-dev"]')

    def variables(self, key: str) -> tuple[str, ...]:
        """Return a list of names of variables, or of patterns for them."""
        names = self.names(key)
        if all(_VARIABLES.fullmatch(one) for one in names):
            return names
        return self._refuse(key, "a list of variables' names and patterns", '["LICENCE_SERVER", "MYLIB_*"]')

    def packages(self, key: str) -> tuple[str, ...]:
        """Return a list of packages of a distribution."""
        if all(map(is_package_name, self.names(key))):
            return self.names(key)
        return self._refuse(key, "a list of packages", '["libxml2-dev"]')

    def environment_changes(self, key: str) -> tuple[EnvironmentChange, ...]:
        """Return a list of changes to the environment."""
        try:
            return tuple(EnvironmentChange.from_text(text) for text in self.names(key))
        except UsageError as error:
            self._refuse(key, f"a list of changes: {error.what}", '["NAME=VALUE", "PATH:=/opt/x/bin"]')

    def requirements(self, key: str) -> tuple[str, ...]:
        """Return a list of requirements (PEP 508)."""
        for text in self.names(key):
            try:
                read_requirement(text)
            except InvalidRequirement as error:
                self._refuse(key, f"a list of requirements: {shown(text)}: {error}", '["numpy>=2"]')
        return self.names(key)

    def texts(self, key: str) -> dict[str, str]:
        """Return a table of texts."""
        values = self.table(key).values
        if all(isinstance(one, str) and name and "=" not in name for name, one in values.items()):
            # No program can be started with a null byte in its environment, and the error would not say which variable
            # has it.
            text = "".join((*values, *values.values()))
            return dict(values) if "\0" not in text else self._refuse(key, "without null bytes", '{ CFLAGS = "-O3" }')
        return self._refuse(key, "a table of texts by variables", '{ CFLAGS = "-O3" }')

    def settings(self, key: str) -> dict[str, str | list[str]]:
        """Return config settings (PEP 517, as frontends pass them): texts, and lists of texts."""
        values = self.table(key).values
        for name, one in values.items():
            if not _is_setting(one):
                # TOML has booleans and numbers, but frontends pass strings only. Show how to write what was meant.
                meant = f'"{json.dumps(one)}"' if isinstance(one, bool | int | float) else '["-Dblas=none"]'
                self._refuse(key, "a table of texts and lists of texts", f"{{ {name} = {meant} }}")
        return dict(values)

    def _absolute(self, text: str) -> str:
        return str((self.base / Path(text).expanduser()).absolute())

    def _place(self) -> str:
        return f"{self.name} in {self.where}" if self.name else self.where

    def _refuse(self, key: str, wanted: str, example: str) -> NoReturn:
        raise UsageError(f"{key} of {self._place()} is not {wanted}.", fix=f"It looks like {key} = {example}.")


def _is_setting(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
