"""Which packages of a distribution a build wants: those that are configured, declared, or found to be lacking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild.advice.bindgen import ASKED_FOR_LIBCLANG, bindgen_lines
from crossbuild.advice.gnu_c import gnu_lines, is_of_gnu
from crossbuild.advice.hints import compiler_lines, hint_lines, sysroot_options, sysroot_packages
from crossbuild.advice.host_code import EMULATE, host_code_lines, made_files
from crossbuild.advice.host_code_used import read_uses
from crossbuild.advice.libpython import libpython_lines
from crossbuild.advice.missing_files import lacks_in, program_lack
from crossbuild.advice.missing_parts import surroundings_lines
from crossbuild.advice.rust import rust_lines
from crossbuild.advice.suppliers import find_suppliers
from crossbuild.errors import CrossbuildError
from crossbuild.host.markers import python_markers
from crossbuild.native.build_layout import BuildDirectory
from crossbuild.native.configscripts import read_absent_programs
from crossbuild.native.missing_tools import read_missing_tools
from crossbuild.native.pkgconfig import read_pkg_config_misses, read_pkg_config_other_versions
from crossbuild.session.described_target import can_add_packages, library_source
from crossbuild.sysroot.external import packages_for, read_external
from crossbuild.toolchain.compile_record import read_answers, read_record, read_refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from crossbuild.advice.missing_files import Lack
    from crossbuild.advice.suppliers import Supplier
    from crossbuild.session.session import Session
    from crossbuild.session.target import PlannedTarget
    from crossbuild.sources.project import Source
    from crossbuild.toolchain.model import Toolchain


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What a failed build lacked, and who has it."""

    needed: frozenset[str] = frozenset()
    """Packages of the distribution without which the build stopped."""
    wished: frozenset[str] = frozenset()
    """Those with what else it looked for, and may do without."""
    lacking: str = ""
    """What they are for, in words."""
    text: str = ""
    """What the user can do, a line each."""


def wanted_packages(source: Source, session: Session) -> frozenset[str]:
    """Return what the user's configuration and the project's ``[external]`` table say that ``source`` needs."""
    return frozenset({*_configured(source, session), *_declared(source, session)})


def advise(error: CrossbuildError, plan: PlannedTarget, session: Session, *, toolchain: Toolchain) -> Advice:
    """Return what the build with ``toolchain`` that ended in ``error`` lacked.

    Where no distribution can be asked, it says only that.
    """
    if error.kept is None or error.record is None:
        return Advice()
    build, record = BuildDirectory(path=error.kept), error.record
    platform, output = plan.described.platform, _output(error)
    invocations = read_record(record)
    made, bindgen = made_files(invocations), bindgen_lines(output, platform)
    gnu = gnu_lines(output, error.why, platform) if toolchain.kind == "zig" else ()
    # What the build made itself comes from no package, and the other hints explain the rest better.
    known = {*made, *([ASKED_FOR_LIBCLANG] if bindgen else [])}
    lacks = [one for one in _lacks(error) if one.name not in known and not (gnu and is_of_gnu(one.name))]
    packages = _advise_packages([one for one in lacks if one.kind != "compiler"], plan, session)
    project = build.project.resolve() if build.project.is_dir() else build.path
    emulate = "" if session.options.emulate in {"programs", "python"} else EMULATE
    lines = (
        *host_code_lines(output, made, read_uses(record, invocations), emulate=emulate),
        *compiler_lines([one for one in lacks if one.kind == "compiler"], platform),
        *rust_lines(output, platform, project=project, environ=session.services.environ),
        *surroundings_lines(output, build.sources, project),
        *bindgen,
        *libpython_lines(output),
        *gnu,
        packages.text,
        *read_pkg_config_other_versions(record),
        *read_refused(record),
        *read_missing_tools(record),
    )
    return replace(packages, text="\n".join(filter(None, lines)))


def _advise_packages(lacks: Sequence[Lack], plan: PlannedTarget, session: Session) -> Advice:
    if not lacks:
        return Advice()
    lacking = ", ".join(map(str, lacks))
    try:
        suppliers = _suppliers(lacks, plan, session)
    except (CrossbuildError, OSError) as refusal:
        return Advice(lacking=lacking, text=f"Missing: {lacking}.\n{refusal}")
    if not can_add_packages(session.options, plan.described, plan.sysroot):
        lines = hint_lines(suppliers, root=str(plan.root or "the host's root"))
        return Advice(lacking=lacking, text="\n".join(lines))
    there = {package.name for package in plan.sysroot.packages} if plan.sysroot else set()
    needed = sysroot_packages(one for one in suppliers if one.lack.decisive)
    new = [one for one in suppliers if one.package not in there]
    return Advice(
        needed=frozenset(needed) - there,
        wished=frozenset(sysroot_packages(suppliers)) - {*needed, *there},
        lacking=lacking,
        text="\n".join(hint_lines(new, automatic=session.options.auto_sysroot)),
    )


def packages_to_add(advice: Advice, packages: frozenset[str], session: Session) -> frozenset[str]:
    """Return those of ``advice`` that can be added to ``packages``: all, else what is needed; empty if neither can."""
    for more in (advice.needed | advice.wished, advice.needed):
        if not more <= packages:
            try:
                session.plan(packages | more)
            except CrossbuildError as refusal:
                session.reporter.warning(f"{', '.join(sorted(more))} cannot be added: {refusal.what}")
            else:
                return more
    return frozenset()


def tell_what_was_added(added: Collection[str], sources: Sequence[Source], session: Session) -> None:
    """Tell how to add from the start the packages that were ``added`` while ``sources`` were built."""
    if added:
        session.reporter.note(f"To skip the retry next time: {sysroot_options(sorted(added))}")
    if added and len(sources) == 1:
        (source,) = sources
        quoted = ", ".join(f'"{package}"' for package in sorted(added))
        session.reporter.note("or, in crossbuild.toml:")
        session.reporter.note(f"[packages.{canonicalize_name(source.project_name)}]")
        session.reporter.note(f"sysroot-packages = [{quoted}]")


def _suppliers(lacks: Sequence[Lack], plan: PlannedTarget, session: Session) -> tuple[Supplier, ...]:
    name = library_source(plan.described, plan.sysroot)
    request = plan.sysroot.request if plan.sysroot else session.options.sysroot_source
    lacking = ", ".join(map(str, lacks))
    with session.reporter.step(f"Find the packages of {name} with {lacking}"):
        contents = session.sysroots.contents(name, request)
    return find_suppliers(lacks, contents, multiarch=name.multiarch)


def _configured(source: Source, session: Session) -> tuple[str, ...]:
    """Return what is configured for ``source``; for hosts that have libraries otherwise it means nothing."""
    packages = session.settings(source).sysroot_packages
    plan = session.plan()
    possible = can_add_packages(session.options, plan.described, plan.sysroot)
    return packages if possible and plan.described.platform.libc == "glibc" else ()


def _declared(source: Source, session: Session) -> Iterable[str]:
    """Return what ``[external]`` declares; only for hosts that have a distribution's packages anyhow."""
    external = read_external(source.directory / "pyproject.toml")
    for warning in external.warnings:
        session.reporter.warning(f"{source.label}: {warning}")
    plan = session.plan()
    if not plan.sysroot or not (external.host_requires or external.dependencies):
        return ()
    machine = plan.described.platform.architecture.name
    mapped = packages_for(external, python_markers(python=plan.python_version, machine=machine))
    if mapped.unknown:
        session.reporter.warning(
            f"{source.label} declares what crossbuild knows no package for: {', '.join(mapped.unknown)}. "
            "Name the package with --sysroot-package."
        )
    if mapped.constrained:
        session.reporter.note(
            f"{source.label} declares versions, which are not compared: {', '.join(mapped.constrained)}"
        )
    there = {package.name for package in plan.sysroot.packages}
    # To choose among alternatives takes apt's lists, which may have to be downloaded.
    if all(there & set(alternatives) for alternatives in mapped.packages):
        return ()
    with session.sysroots.apt(plan.sysroot.name, plan.sysroot.request) as apt:
        chosen, lacking = mapped.choose(apt.package_names())
    session.reporter.note(f"{source.label} declares: {', '.join(chosen)}")
    if lacking:
        session.reporter.warning(f"{plan.sysroot.name} lacks what {source.label} declares: {', '.join(lacking)}")
    return chosen


def _lacks(error: CrossbuildError) -> tuple[Lack, ...]:
    """Read what the failed build left behind: its whole output, and what it asked for in vain."""
    record = error.record
    if record is None:
        return ()
    said = lacks_in(_output(error), pkg_config_misses=read_pkg_config_misses(record))
    # These are questions that were answered "no". A build may ask and do without, so they alone do not explain why it
    # stopped.
    absent = (program_lack(name, decisive=False) for name in read_absent_programs(record))
    answers = (replace(lack, decisive=False) for lack in lacks_in(read_answers(record)))
    return tuple(dict.fromkeys((*said, *absent, *answers)))


def _output(error: CrossbuildError) -> str:
    return error.log.read_text(encoding="utf-8", errors="replace") if error.log and error.log.is_file() else ""
