"""``python older_kernel.py PROGRAM [ARGUMENT...]``: the program runs as on a kernel without what came after PRoot 5.1.

PRoot does not translate the paths of system calls that it does not know. Programs that get ENOSYS do it the older way.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

# /usr/include/asm-generic/unistd.h; x86_64 has had numbers of its own before 424.
_CALLS = {
    "x86_64": {"renameat2": 316, "statx": 332, "clone3": 435, "openat2": 437, "faccessat2": 439},
    "aarch64": {"renameat2": 276, "statx": 291, "clone3": 435, "openat2": 437, "faccessat2": 439},
}
# linux/prctl.h, linux/seccomp.h, linux/bpf_common.h
_SET_SECCOMP, _FILTER, _SET_NO_NEW_PRIVS = 22, 2, 38
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000


def main(command: list[str]) -> None:
    """Replace this process by ``command``. Raises OSError."""
    _filter(sorted(_CALLS[os.uname().machine].values()))
    os.execv(command[0], command)


def _filter(numbers: list[int]) -> None:
    """Let the calls of these ``numbers`` fail with ENOSYS, in this process and in all that it starts."""
    count = len(numbers)
    jumps = [_instruction(_JUMP_IF_EQUAL, number, equal=count - index) for index, number in enumerate(numbers)]
    # seccomp_data begins with the call's number.
    program = [_instruction(_LOAD_WORD, 0), *jumps, _instruction(_RETURN, _ALLOW)]
    instructions = b"".join([*program, _instruction(_RETURN, _FAIL | errno.ENOSYS)])
    buffer = ctypes.create_string_buffer(instructions)
    fprog = ctypes.create_string_buffer(struct.pack("HP", count + 3, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, argument, pointer in ((_SET_NO_NEW_PRIVS, 1, None), (_SET_SECCOMP, _FILTER, fprog)):
        if libc.prctl(option, ctypes.c_ulong(argument), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _instruction(code: int, value: int, *, equal: int = 0) -> bytes:
    """Return linux/filter.h's sock_filter; ``equal`` is how many instructions a jump leaves out."""
    return struct.pack("HBBI", code, equal, 0, value)


if __name__ == "__main__":
    main(sys.argv[1:])
