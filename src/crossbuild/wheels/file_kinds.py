"""What a file is that has the name of a shared library and is not one."""

from __future__ import annotations

_MAGIC = {
    b"version https://git-lfs": "a Git LFS pointer, in place of the file that it stands for",
    b"BC\xc0\xde": "LLVM bitcode",
    b"\xde\xc0\x17\x0b": "LLVM bitcode",
    b"\xfe\xed\xfa\xce": "a Mach-O file, for macOS",
    b"\xfe\xed\xfa\xcf": "a Mach-O file, for macOS",
    b"\xce\xfa\xed\xfe": "a Mach-O file, for macOS",
    b"\xcf\xfa\xed\xfe": "a Mach-O file, for macOS",
    b"\xca\xfe\xba\xbe": "a Mach-O file, for macOS",
    b"MZ": "a PE file, for Windows",
    b"\0asm": "WebAssembly",
    b"!<arch>\n": "a static library",
    b"!<thin>\n": "a thin static library, which only names other files",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "compressed by gzip",
}
_LINKER_SCRIPT = (b"/* GNU ld script", b"INPUT(", b"INPUT (", b"GROUP(", b"GROUP (")


def describe_content(content: bytes) -> str:
    """Return what a file is that begins with ``content`` and is no ELF file: what follows "is"."""
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            return kind
    if not content:
        return "empty"
    if not content.strip(b"\0"):
        return "nothing but zeros"
    return "text" if _is_text(content) else "no ELF file"


def is_linker_script(content: bytes) -> bool:
    """Whether ``content`` says to GNU ld which libraries to link: of use to compilers, and none to loaders."""
    return content.lstrip().startswith(_LINKER_SCRIPT)


def _is_text(content: bytes) -> bool:
    # The end may be in the middle of a character.
    text = content.decode(errors="ignore")
    return b"\0" not in content and len(text.encode()) > len(content) - 4
