"""What to build a wheel with so that it is built as its statement says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crossbuild.errors import UsageError
from crossbuild.options.configuration import Configuration, PackageSettings
from crossbuild.options.passed_variables import NAMES_VARIABLE, Passed
from crossbuild.provenance.parameters import options_from, with_python
from crossbuild.provenance.portable import withheld_in
from crossbuild.requirements.request import Request
from crossbuild.system.filesystem import sha256_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from crossbuild.options.build_options import BuildOptions
    from crossbuild.provenance.statement import Statement


_COMMIT = "gitCommit"
"""What in-toto calls the digest of what git has."""


def recorded_options(statement: Statement, given: BuildOptions) -> BuildOptions:
    """Return the options to build with: those of ``statement``, and what is ``given`` of this machine.

    Raises UsageError for what the statement does not say, and is not given.
    """
    external, name = statement.external, statement.project
    options = options_from(external.get("options", {}), given, where=f"the statement about {statement.wheel}")
    return replace(
        with_python(options, str(external["python"])),
        sysroot_packages=tuple(statement.internal.get("sysroot", {}).get("requested", ())),
        auto_sysroot=False,
        emulate=statement.internal.get("emulation", {}).get("level", "never"),
        build_constraints=(),
        config_settings={},
        host_requires=(),
        # It was delivered once, and is only compared with that.
        no_check=frozenset((name,)),
        provenance=True,
        configuration=Configuration(
            packages={name: _settings(statement, given.configuration.of(name))},
            cache_max_size=given.configuration.cache_max_size,
        ),
    )


def recorded_environ(statement: Statement, environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` with the date and those variables for builds that ``statement`` has, and no others.

    Raises UsageError.
    """
    said: Mapping[str, Any] = statement.external.get("variables", {})
    withheld = [name for name in said if withheld_in(said[name], name)]
    _refuse(statement, [name for name in withheld if name not in environ])
    others = Passed.from_environ(environ).wishes.keys() - said.keys()
    kept = {name: value for name, value in environ.items() if name not in others}
    # All of them were passed then, by whatever name or pattern.
    names = {NAMES_VARIABLE: " ".join(said)} if said else {}
    date = statement.internal.get("source-date")
    dated = {} if date is None else {"SOURCE_DATE_EPOCH": str(date)}
    return {**kept, **{name: str(said[name]) for name in said if name not in withheld}, **names, **dated}


def recorded_request(statement: Statement, project: Path | None) -> Request:
    """Return what is to be built: ``project`` if that is given, and is what ``statement`` means. Raises UsageError."""
    through_sdist = bool(statement.external.get("through-sdist"))
    spec = _place(statement, project) if project else _address(statement)
    return Request(specs=(spec,), dependencies=False, build_named=True, through_sdist=through_sdist)


def recorded_pins(statement: Statement) -> str:
    """Return a requirements file with all build requirements, each with its hash. Raises UsageError if one has none."""
    required = [one for one in statement.dependencies if one.role == "build-requirement"]
    unknown = [one.label for one in required if not one.sha256]
    if unknown:
        raise UsageError(
            f"{statement.wheel} was built with build requirements that have no hash: {', '.join(unknown)}.",
            why="They come from repositories or directories.",
            fix="Only wheels whose build requirements are files can be built again.",
        )
    return "".join(f"{one.project}=={one.version} --hash=sha256:{one.sha256}\n" for one in required)


def _address(statement: Statement) -> str:
    said, commit = statement.source, statement.source.digest.get(_COMMIT)
    if not said.uri:
        what = f"the file {said.name}" if said.sha256 else f"the git commit {commit}" if commit else "a directory"
        raise UsageError(
            f"{statement.wheel} was built from {what}, and its statement does not say where that is.",
            fix=f"Give {'a clone of its repository' if commit else 'it'} with --project PATH.",
        )
    return f"{statement.project} @ {said.uri}{_fragment(statement)}"


def _fragment(statement: Statement) -> str:
    """Return what follows the address of the source: its hash, and where in it the project is."""
    said = {"sha256": statement.source.sha256, "subdirectory": statement.external.get("subdirectory", "")}
    fragment = "&".join(f"{name}={value}" for name, value in said.items() if value)
    return f"#{fragment}" if fragment else ""


def _place(statement: Statement, project: Path) -> str | Path:
    said, url = statement.source, project.absolute().as_uri()
    if project.is_dir() and _COMMIT in said.digest:
        return f"{statement.project} @ git+{url}@{said.digest[_COMMIT]}{_fragment(statement)}"
    # Of a directory, the hash is known when it has been copied.
    if project.is_file() and sha256_of(project) != said.sha256:
        digest = ", ".join(f"the {name} {value}" for name, value in said.digest.items())
        raise UsageError(
            f"{project} is not what {statement.wheel} was built from.",
            why=f"The statement has {said.name} with {digest or 'no digest'}.",
            fix="Give that file.",
        )
    return f"{url}{_fragment(statement)}" if statement.external.get("subdirectory") else project.absolute()


def _settings(statement: Statement, own: PackageSettings) -> PackageSettings:
    """Return the settings of the project, with the user's ``own`` for what the statement withholds."""
    external = statement.external
    return PackageSettings(
        config_settings=_completed(statement, "config-settings", own.config_settings),
        environment=_completed(statement, "environment", own.environment),
        build_requires=tuple(external.get("build-requires", ())),
        host_requires=tuple(external.get("host-requires", ())),
    )


def _completed(statement: Statement, key: str, own: Mapping[str, Any]) -> dict[str, Any]:
    said: Mapping[str, Any] = statement.external.get(key, {})
    withheld = [name for name in said if withheld_in(said[name], name)]
    _refuse(statement, [f"{key}.{name}" for name in withheld if name not in own])
    return {name: own[name] if name in withheld else said[name] for name in said}


def _refuse(statement: Statement, lacking: Collection[str]) -> None:
    if lacking:
        raise UsageError(
            f"The statement about {statement.wheel} does not say all that it was built with.",
            why=f"It withholds what is secret, or tells of the machine: {', '.join(lacking)}.",
            fix="Set these variables, or give these settings in crossbuild.toml, as they were.",
        )
