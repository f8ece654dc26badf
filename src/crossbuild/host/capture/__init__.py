"""Ask a running device what its Python is.

:mod:`.script` runs on the device, under any CPython since 3.8, with the standard library alone. :mod:`.ssh` takes the
device's ssh destination, sends the script there, and returns what it prints: a host file, after checking that
:mod:`crossbuild.host.described.host_file` can read it. Used by ``crossbuild host capture`` and ``capture_host`` in the
library. Builds never connect to a device.
"""
