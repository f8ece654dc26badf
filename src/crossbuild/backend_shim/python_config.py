"""``python3-config`` of the cross Python: how to compile and link against the host's.

The same options and answers as CPython's ``Misc/python-config.in``, whose own copy on the host speaks of its paths.
"""

import sys
import sysconfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

OPTIONS = (
    *("--prefix", "--exec-prefix", "--includes", "--libs", "--cflags", "--ldflags", "--extension-suffix"),
    *("--abiflags", "--configdir", "--embed", "--help"),
)


def main(arguments: "List[str]") -> int:
    """Print the answer to each option in turn, a line each; return the exit status."""
    # --embed, since Python 3.8, changes the answers to others and is no question itself.
    wanted = [argument for argument in arguments if argument != "--embed"]
    unknown = [argument for argument in arguments if argument not in OPTIONS]
    if unknown or not wanted or "--help" in wanted:
        stream = sys.stderr if unknown or not wanted else sys.stdout
        stream.write("Usage: {} [{}]\n".format(sys.argv[0], "|".join(OPTIONS)))
        return 1 if stream is sys.stderr else 0
    for option in wanted:
        sys.stdout.write(_answer(option, embed="--embed" in arguments) + "\n")
    return 0


def _answer(option: str, *, embed: bool) -> str:
    if option == "--includes":
        return _includes()
    if option == "--cflags":
        return "{} {}".format(_includes(), _variable("CFLAGS"))
    if option == "--libs":
        return _libraries(embed=embed)
    if option == "--ldflags":
        return "-L{} -L{} {}".format(_variable("LIBPL"), _variable("LIBDIR"), _libraries(embed=embed))
    if option == "--abiflags":
        return sys.abiflags
    names = {
        "--prefix": "prefix",
        "--exec-prefix": "exec_prefix",
        "--extension-suffix": "EXT_SUFFIX",
        "--configdir": "LIBPL",
    }
    return _variable(names[option])


def _includes() -> str:
    return "-I{} -I{}".format(sysconfig.get_path("include"), sysconfig.get_path("platinclude"))


def _libraries(*, embed: bool) -> str:
    own = "-lpython{}{} ".format(_variable("VERSION"), sys.abiflags) if embed else ""
    return own + "{} {}".format(_variable("LIBS"), _variable("SYSLIBS")).strip()


def _variable(name: str) -> str:
    return str(sysconfig.get_config_var(name) or "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
