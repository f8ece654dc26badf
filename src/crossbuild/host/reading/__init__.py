"""Readers of a host's files, one module for each kind: binaries, build variables, headers, ``pyconfig.h``.

They take paths and return values. A file that is damaged, or holds something that its kind does not, is a HostError
that names it. Nothing is imported or run, although some of the files are Python, and no file is trusted to be small or
well formed. The other packages of ``host`` are built on these. The audit, images and the diagnosis use single readers
for files of a host that they look at themselves.
"""
