"""Machines and their C libraries: what each tool calls them, and what an ELF file says about both.

:mod:`.platform` has one table with the names of each machine (``uname -m``, GNU type, multiarch tuple, Rust triple,
Meson family), so a new machine is one entry there. A tag or the bytes of a file come in; a platform or the facts of an
ELF file come out. Nothing here opens a file, knows a host or runs a program. Every package above may call it.
"""
