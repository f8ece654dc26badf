"""Machines and their C libraries: what each tool calls them, and what an ELF file says about both.

:mod:`.platform` has one table with the names of each machine (``uname -m``, GNU type, multiarch tuple, Rust triple,
Meson family), so a new machine is one entry there. The functions take tags or the bytes of a file, and return a
platform or the facts of an ELF file. Nothing here opens a file, knows a host or runs a program, so every package above
may call it.
"""
