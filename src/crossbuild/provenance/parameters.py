"""The options that decide what a wheel is, in the words of a configuration; and read back as options."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossbuild.declarations.option import Kind, completed, options_of, values_of
from crossbuild.errors import UsageError
from crossbuild.host.host_request import python_from_text
from crossbuild.options.build_options import BuildOptions, IndexOptions
from crossbuild.options.configuration_file import Table
from crossbuild.options.table_values import TABLE_VALUES
from crossbuild.options.wheel_tests import WheelTests
from crossbuild.provenance.portable import portable, portable_place, withheld_in
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.names import SysrootName
from crossbuild.system.filesystem import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossbuild.declarations.option import Option
    from crossbuild.options.environment_changes import EnvironmentChange
    from crossbuild.provenance.portable import Withheld

_OF_THE_MACHINE = frozenset(("build_python", "provision", "jobs", "keep", "cache_dir", "cache_max_size"))
"""What another machine has otherwise, and comes to the same."""
_OF_THE_REPORT = frozenset(("ignore", "no_check", "provenance", "reproducible"))
"""What decides whether a wheel is delivered, and with what, but not what is in it."""
_OF_TESTS = frozenset(("runner", *(one.field for one in options_of(WheelTests))))
"""What is tried with a wheel that is there."""
_RESOLVED = frozenset(("build_constraints", "auto_sysroot", "sysroot_packages", "python", "emulate"))
"""What is recorded by what came of it."""
_OF_THE_PROJECT = frozenset(("config_settings", "host_requires"))
"""What is recorded with the settings of the project."""
_ELSEWHERE = frozenset(one.field for kind in (IndexOptions, SourceRequest) for one in options_of(kind))
"""Where files come from: what they are is recorded by their hashes."""
NOT_RECORDED = _OF_THE_MACHINE | _OF_THE_REPORT | _OF_TESTS | _RESOLVED | _OF_THE_PROJECT | _ELSEWHERE


def parameters_of(options: BuildOptions) -> dict[str, Any]:
    """Return what ``options`` say otherwise than the defaults, and a wheel depends on, by the keys of a table."""
    said, defaults = values_of(options), values_of(BuildOptions())
    given = (one for one in _recorded() if said[one.field] != defaults[one.field])
    return {one.key: _written(one, said[one.field]) for one in given}


def options_from(parameters: Mapping[str, Any], given: BuildOptions, *, where: str) -> BuildOptions:
    """Return the options in ``parameters``, which were read from ``where``; those that are ``given`` count more.

    Raises UsageError for unknown ones, and for what a statement cannot say and is not given either.
    """
    table = Table.from_value(parameters, name="options", where=where, base=Path.cwd())
    table.refuse_other_keys({one.key for one in _recorded()})
    said, defaults = values_of(given), values_of(BuildOptions())
    values: dict[str, Any] = {}
    lacking: list[str] = []
    for one in _recorded():
        value = parameters.get(one.key)
        withheld = withheld_in(value, one.key)
        if withheld and said[one.field] == defaults[one.field]:
            lacking += [_wanted(one, unsaid) for unsaid in withheld.values()]
        elif withheld:
            _check_same(one, said[one.field], withheld.get(one.key))
        elif value is not None:
            values[one.field] = TABLE_VALUES[one.kind].read(table, one.key)
    if lacking:
        raise UsageError(
            f"{where[:1].upper()}{where[1:]} does not say all that the wheel was built with.",
            why="\n".join(lacking),
            fix="Give these options as they were.",
        )
    return completed(given, values)


def _recorded() -> Iterator[Option]:
    return (one for one in options_of(BuildOptions) if one.field not in NOT_RECORDED)


def _written(one: Option, value: Any) -> Any:
    if one.kind in {Kind.HOST, Kind.PREFIX}:
        return portable_place(value)
    if isinstance(value, SysrootName):
        return str(value)
    if one.kind is Kind.CHANGES:
        return [_change(change) for change in value]
    return portable(value)


def _change(change: EnvironmentChange) -> Any:
    value = portable(change.value, change.name)
    return f"{change.name}{change.operator}{value}" if isinstance(value, str) else value


def _wanted(one: Option, withheld: Withheld) -> str:
    digest = f" with the SHA-256 {withheld.sha256}" if withheld.sha256 else ""
    return f"{one.long_name} was {withheld.why}{digest}."


def _check_same(one: Option, given: Any, withheld: Withheld | None) -> None:
    """Raise UsageError if the file that is given is not the one that the statement means."""
    file = Path(str(given))
    if withheld and withheld.sha256 and not (file.is_file() and sha256_of(file) == withheld.sha256):
        raise UsageError(
            f"{one.long_name} {given} is not the file that the wheel was built with.",
            why=f"Its SHA-256 has to be {withheld.sha256}.",
            fix="Give that file.",
        )


def with_python(options: BuildOptions, text: str) -> BuildOptions:
    """Return ``options`` for the host's Python of the version ``text``, ``3.13t``. Raises UsageError."""
    version, abi_flags = python_from_text(text)
    return replace(options, python=version, host_request=replace(options.host_request, abi_flags=abi_flags))
