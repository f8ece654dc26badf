"""The host's side of build requirements: headers, static libraries and the like that depend on the machine.

Some requirements run on this machine while the project is compiled against them for the host. In comes the build venv
with what was installed for this machine: ``needs`` finds these requirements, ``provide`` gets the host's wheel of the
same version, and ``lay`` puts its headers and archives into the place of this machine's. Nothing comes out but the venv
as it is then. Only ``building.workspace`` calls it, for a build and for an environment that lasts.
"""
