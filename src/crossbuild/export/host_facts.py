"""A host as people and programs want to see it: what is known of it, and where that is from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crossbuild.host.described.host_file import host_document
from crossbuild.host.markers import marker_environment
from crossbuild.wheels.tags import installable_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host
    from crossbuild.options.build_options import BuildOptions

_FIRST_TAGS = 3
_COMMANDS = ("CC", "CXX", "AR", "LDSHARED")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line about a host."""

    name: str
    value: str
    origin: str = ""
    """A file, or a few words; empty where it follows from the other facts."""


def credited(host: Host, options: BuildOptions) -> Host:
    """Return ``host`` with the options, or the configuration, as the origin of what they say of it."""
    named = options.with_named_host()
    said, meant = vars(options.host_request), vars(named.host_request)
    fields = {"headers": "headers", "machine": "platform", "sysconfigdata": "build_time_vars"}
    origin = dict(host.origin)
    for word, field in fields.items():
        if meant[word]:
            origin[field] = _option(word, given=bool(said[word]))
    if named.sysroot:
        origin["sysroot"] = _option("sysroot", given=bool(options.sysroot))
    if meant["config_vars"]:
        origin["config_vars"] = _option("config-var", given=bool(said["config_vars"]))
    return replace(host, origin=origin)


def _option(name: str, *, given: bool) -> str:
    return f"--{name}" if given else f"{name} of the configuration"


def host_json(host: Host) -> dict[str, object]:
    """Return the host file of ``host``, with its tags, markers and origins, which nobody has to read back."""
    own = {
        "name": host.name,
        "tags": list(map(str, installable_tags(host))),
        "markers": marker_environment(host),
        "origin": dict(host.origin),
    }
    return {**host_document(host), **own}


def host_facts(host: Host) -> Iterator[Fact]:
    """Yield what is known of ``host``, the most important first."""
    platform, origin = host.platform, host.origin
    variables, where = host.build_time_vars, origin.get("build_time_vars", "")
    version = "CPython {}.{}.{}".format(*host.python_version)
    yield Fact(name="host", value=host.name)
    yield Fact(name="Python", value=version, origin=origin.get("python_version", ""))
    yield Fact(
        name="ABI flags",
        value=host.abi_flags or "none",
        origin=origin.get("abi_flags", "" if host.synthesised else where),
    )
    yield Fact(name="machine", value=platform.architecture.name, origin=origin.get("platform", ""))
    yield Fact(name="GNU type", value=platform.gnu_type)
    yield Fact(name="multiarch", value=host.multiarch, origin=where if variables.get("MULTIARCH") else "")
    libc = platform.libc_text + ("" if platform.libc_version else " of any version")
    yield Fact(name="C library", value=libc, origin=origin.get("libc", origin.get("platform", "")))
    yield Fact(name="suffix", value=host.ext_suffix, origin=origin.get("ext_suffix", where))
    yield from _tags(host)
    yield Fact(name="prefix", value=str(host.prefix or "not on this machine"), origin=origin.get("prefix", ""))
    yield Fact(name="sysroot", value=str(host.sysroot or "none"), origin=origin.get("sysroot", ""))
    yield Fact(name="headers", value=str(host.headers), origin=origin.get("headers", ""))
    users = origin.get("config_vars", "")
    both = " and ".join(filter(None, (where, users)))
    yield Fact(name="variables", value=f"{len(variables)}{' measured' if host.synthesised else ''}", origin=both)
    yield Fact(name="pyconfig.h", value=f"{len(host.pyconfig.splitlines())} lines", origin=origin.get("pyconfig", ""))
    for name in _COMMANDS:
        if variables.get(name) and name not in host.config_vars:
            yield Fact(name=name, value=str(variables[name]), origin=where)
    for name, value in host.config_vars.items():
        yield Fact(name=name, value=value, origin=users)
    yield from _markers(host)
    yield from _device(host)


def _tags(host: Host) -> Iterator[Fact]:
    tags = list(map(str, installable_tags(host)))
    more = f" and {len(tags) - _FIRST_TAGS} more" if len(tags) > _FIRST_TAGS else ""
    origin = "--platform-tag" if host.platform_tags else ""
    yield Fact(name="tags", value=", ".join(tags[:_FIRST_TAGS]) + more, origin=origin)


def _markers(host: Host) -> Iterator[Fact]:
    told = host.device.markers if host.device else {}
    device, read = host.origin.get("device", ""), "version and machine"
    for name, value in marker_environment(host).items():
        origin = device if name in told else read if value else "not known"
        yield Fact(name=name, value=repr(value), origin=origin)


def _device(host: Host) -> Iterator[Fact]:
    if host.device is None:
        return
    device, origin = host.device, host.origin.get("device", "")
    yield Fact(name="CPU", value=" ".join(device.cpu_features) or "unknown", origin=origin)
    yield Fact(name="libraries", value=str(len(device.libraries)), origin=origin)
    yield Fact(name="distributions", value=str(len(device.distributions)), origin=origin)
