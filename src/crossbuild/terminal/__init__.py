"""What a build looks like on a terminal, in a pipe and in a log: a reporter that writes to the stream it is given.

In come the calls of :mod:`crossbuild.reporting`; out go lines, and on a terminal a table of packages with a bar. The
command line uses it, and programs get it as ``crossbuild.TerminalReporter``. Nothing below these two knows of it.
"""
