"""What a user can say about testing wheels, as values. The names and placeholders are those of cibuildwheel."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace

from crossbuild.declarations.option import Heading, Kind, Scope, option

_of_tests = functools.partial(option, heading=Heading.TESTS, scope=Scope.WHEELS)


@dataclass(frozen=True, kw_only=True)
class WheelTests:
    """How wheels are tested on the host."""

    test: bool = field(
        default=False,
        metadata=_of_tests(
            Kind.SWITCH,
            "--test",
            common=True,
            description="Test each requested wheel on the host. It is not delivered if that fails. Without "
            "--test-command, every module of the wheel is imported.",
        ),
    )
    test_command: str = field(
        default="",
        metadata=_of_tests(
            Kind.TEXT,
            "--test-command",
            metavar="CMD",
            description="Run CMD in a shell, with the host's Python as python. {project} and {package} are the "
            "project's directory, {wheel} is the wheel, and {junit} a file that is kept beside the wheel. This and "
            "the other options for tests imply --test.",
        ),
    )
    test_requires: tuple[str, ...] = field(
        default=(),
        metadata=_of_tests(Kind.REQUIREMENTS, "--test-requires", description="Install this for the test, too."),
    )
    test_extras: tuple[str, ...] = field(
        default=(),
        metadata=_of_tests(
            Kind.TEXTS, "--test-extras", metavar="EXTRA", description="Install the wheel with this extra."
        ),
    )
    test_groups: tuple[str, ...] = field(
        default=(),
        metadata=_of_tests(
            Kind.TEXTS,
            "--test-groups",
            metavar="NAME",
            description="Install this dependency group of the project for the test, too.",
        ),
    )
    test_sources: tuple[str, ...] = field(
        default=(),
        metadata=_of_tests(
            Kind.TEXTS,
            "--test-sources",
            metavar="PATH",
            description="Copy this file or directory of the project into the directory in which the test runs.",
        ),
    )
    keep_failed: bool = field(
        default=False,
        metadata=_of_tests(
            Kind.SWITCH, "--keep-failed", description="Deliver a wheel although its test failed. It is still an error."
        ),
    )

    @property
    def wanted(self) -> bool:
        """Whether wheels are to be tested."""
        return replace(self, keep_failed=False) != WheelTests()

    @property
    def names_project(self) -> bool:
        """Whether the command names the project's directory."""
        return "{project}" in self.test_command or "{package}" in self.test_command

    @property
    def needs_project(self) -> bool:
        """Whether files of the project are needed."""
        return self.names_project or bool(self.test_sources or self.test_groups)
