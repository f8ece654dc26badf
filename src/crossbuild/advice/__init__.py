"""What a failed build lacked, and which of a distribution's packages have it.

In come the output of a build and what its compilers and programs noted down; out come lines for the user, one for what
happened and one for what to do, and the packages that ``--auto-sysroot`` adds. Each file reads the words of one kind of
tool or of one kind of failure, and returns nothing if it does not find them: a wrong hint is worse than none. Only
``building`` calls this, when a build failed, and for warnings when one succeeded. Nothing here runs a build or changes
anything; one function asks rustc which it is.
"""
