"""Readers of a host's files, one kind of file each: binaries, build variables, headers, ``pyconfig.h``.

In come paths, out come values; a file that is damaged, or says what files of its kind do not, is a HostError that names
it. Nothing is imported or run, though some of the files are Python, and none is trusted to be small or well formed. All
the other parts of ``host`` read through these. The audit, images and the diagnosis use single ones for files of a host
that they look at themselves.
"""
