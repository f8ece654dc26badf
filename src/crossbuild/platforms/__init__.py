"""Machines and their C libraries: the names that each tool has for them, and what ELF files say of both.

In come tags and the bytes of files; out come values. Nothing here reads a host or runs a program.
"""
