"""The configuration of an apt that has a state of its own. Source: apt.conf(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.names import SysrootName

# apt reads -c after the machine's configuration, so that only here lists can be cleared: the hooks that run after
# an update are about the machine's own state, and Docker's images of Debian have one that deletes every downloaded
# package. apt drops its privileges if it has any, and is then shut out of $HOME. To apt-get, unlike apt(8), the name of
# a package that does not exist is a regular expression, and `g++` means all that have a g; Pattern-Only stops that.
# DEP-11 and CNF are indexes that the packages appstream and command-not-found have apt fetch for every source.
_CONFIGURATION = """\
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Cmd::Pattern-Only "true";
APT::Default-Release "";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Get::AllowUnauthenticated "false";
APT::Keep-Downloaded-Packages "true";
APT::Sandbox::User "root";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Check-Valid-Until "{check_valid_until}";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-hidpi::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
Acquire::Retries "{retries}";
Dir::State "{directory}";
Dir::State::lists "{directory}/lists";
Dir::State::status "{directory}/status";
Dir::Cache "{directory}";
Dir::Cache::archives "{directory}/archives";
Dir::Log "{directory}";
Dir::Etc::sourcelist "{directory}/sources.list";
Dir::Etc::sourceparts "{directory}/none";
Dir::Etc::preferences "{directory}/none/preferences";
Dir::Etc::preferencesparts "{directory}/none";
"""


def write_configuration(directory: Path, *, name: SysrootName, request: SourceRequest) -> None:
    """Make ``directory`` the state of an apt for ``name``: its ``apt.conf``, and the directories that apt wants."""
    for part in ("lists/partial", "archives/partial", "none"):
        (directory / part).mkdir(parents=True, exist_ok=True)
    (directory / "status").touch()
    text = _CONFIGURATION.format(
        # With other mirrors to ask, waiting for one that fails is lost time.
        retries=1 if request.further_mirrors else 3,
        architecture=name.debian_architecture,
        directory=directory,
        # The Release files of old states have expired, but their signatures still hold.
        check_valid_until="false" if request.snapshot else "true",
    )
    (directory / "apt.conf").write_text(text, encoding="utf-8")
