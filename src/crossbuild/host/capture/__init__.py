"""Ask a running device what its Python is.

:mod:`.script` runs there, under any CPython from 3.8 on, with the standard library alone; :mod:`.ssh` sends it there
and takes what it prints, which :mod:`crossbuild.host.described.host_file` has to be able to read. In comes the device's
name for ssh, out comes the text of a host file. It serves ``crossbuild host capture`` and the library's function of
that name. No build connects to a device.
"""
