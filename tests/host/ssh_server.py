"""An SSH server on loopback that runs what it is asked to: the real protocol, for a client that knows only its key."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

from crossbuild.system.filesystem import write_script
from tests.examples import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@contextmanager
def ssh_server(
    directory: Path, *, before: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> Iterator[Path]:
    """Run a server in a process of its own, and give the ``bin`` of a client that calls it ``board``.

    ``before`` is the beginning of the command that starts it, with the variables ``environ`` besides this process's.
    """
    command = [*before, sys.executable, "-m", "tests.host.ssh_server", str(directory)]
    variables = {**os.environ, **(environ or {})}
    with subprocess.Popen(command, cwd=REPOSITORY, env=variables, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield _client(directory, int(server.stdout.readline()) if server.stdout else 0)
        finally:
            server.terminate()


def _client(directory: Path, port: int) -> Path:
    config = directory / "config"
    config.write_text(
        f"Host board\n HostName 127.0.0.1\n Port {port}\n HostKeyAlias board\n User pi\n IdentitiesOnly yes\n"
        f" IdentityFile {directory / 'key'}\n UserKnownHostsFile {directory / 'known'}\n BatchMode yes\n"
    )
    programs = directory / "bin"
    programs.mkdir()
    write_script(programs / "ssh", f'exec {shutil.which("ssh")} -F {config} "$@"\n')
    return programs


async def _serve(directory: Path) -> None:
    own, client = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    client.write_private_key(directory / "key")
    (directory / "key").chmod(0o600)
    client.write_public_key(directory / "authorized")
    (directory / "known").write_text(f"board {own.export_public_key().decode()}")
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[own],
        authorized_client_keys=str(directory / "authorized"),
        process_factory=_run,
        encoding=None,
    )
    print(server.get_port(), flush=True)
    await server.wait_closed()


async def _run(process: asyncssh.SSHServerProcess[bytes]) -> None:
    pipe = asyncio.subprocess.PIPE
    shell = await asyncio.create_subprocess_shell(process.command or "exit 1", stdin=pipe, stdout=pipe, stderr=pipe)
    out, errors = await shell.communicate(await process.stdin.read())
    process.stdout.write(out)
    process.stderr.write(errors)
    process.exit(shell.returncode or 0)


if __name__ == "__main__":
    os.umask(0o077)
    asyncio.run(_serve(Path(sys.argv[1])))
