"""What a program sees of the interpreter that runs it, as JSON. Runs on Python 3.8 and later.

As a script: ``observe.py [OUT]``, writing to standard output if no file is given. The environment variable
PROBE_PACKAGING may name a directory with a ``vendored/packaging``, whose tags are then told too.
"""

import json
import os
import sys
import warnings

MACRO_NAMES = ("SIZEOF_LONG", "SIZEOF_VOID_P", "SIZEOF_SIZE_T")


def observe():
    facts = {}
    for part in (of_sys, of_os, of_sysconfig, of_platform, of_machinery, of_struct, of_distutils, of_packaging):
        facts.update(part())
    return facts


def of_sys():
    return {
        "sys.maxsize": sys.maxsize,
        "sys.abiflags": sys.abiflags,
        "sys._multiarch": getattr(sys.implementation, "_multiarch", ""),
        "sys.cross_compiling": getattr(sys, "cross_compiling", False),
        "sys.byteorder": sys.byteorder,
        "sys.platform": sys.platform,
        "sys.version_info": list(sys.version_info[:2]),
        "sys.base_prefix": sys.base_prefix,
    }


def of_os():
    uname = os.uname()
    return {
        "os.uname": [uname.sysname, uname.machine, uname[4], type(uname).__name__],
        "os.confstr": [confstr("CS_GNU_LIBC_VERSION"), confstr(os.confstr_names["CS_GNU_LIBC_VERSION"])],
        "os.confstr pthread": confstr("CS_GNU_LIBPTHREAD_VERSION"),
        "os.confstr path": confstr("CS_PATH"),
    }


def confstr(name):
    try:
        return os.confstr(name)
    except OSError as error:
        return "OSError %d" % error.errno


def of_sysconfig():
    import sysconfig

    names = ("EXT_SUFFIX", "SOABI", "MULTIARCH", "SIZEOF_VOID_P", "SIZEOF_LONG", "CC", "CXX", "AR", "LDSHARED")
    paths = ("INCLUDEPY", "CONFINCLUDEPY", "LIBDIR", "LIBPL", "prefix", "exec_prefix")
    facts = {"sysconfig." + name: sysconfig.get_config_var(name) for name in names + paths}
    facts["sysconfig.get_platform"] = sysconfig.get_platform()
    facts["sysconfig include"] = sysconfig.get_path("include")
    facts["sysconfig makefile"] = os.path.isfile(sysconfig.get_makefile_filename())
    with open(sysconfig.get_config_h_filename()) as stream:
        macros = sysconfig.parse_config_h(stream)
    facts["pyconfig.h"] = [macros.get(name) for name in MACRO_NAMES]
    return facts


def of_platform():
    import platform

    return {
        "platform.machine": platform.machine(),
        "platform.processor": platform.processor(),
        "platform.architecture": list(platform.architecture()),
        "platform.libc_ver": list(platform.libc_ver()),
        "platform.platform": platform.platform().replace(platform.release(), "RELEASE"),
        "platform.uname": [platform.uname().machine, platform.uname()[4], platform.uname().processor],
    }


def of_machinery():
    import importlib.machinery
    import inspect

    suffixes = importlib.machinery.EXTENSION_SUFFIXES
    return {
        "EXTENSION_SUFFIXES": suffixes[:-1],
        "EXTENSION_SUFFIXES last": suffixes[-1],
        "inspect.getmodulename": inspect.getmodulename("a" + suffixes[0]),
    }


def of_struct():
    asked = "import struct; sizes = [struct.calcsize(x) for x in ('P', '@P', 'l', 'N', '=l', b'P', '<q')]"
    facts = {}
    for name in ("__main__", "wheel.bdist_wheel", "somebody"):
        namespace = {"__name__": name}
        exec(compile(asked, "/venv/lib/site-packages/" + name, "exec"), namespace)
        facts["calcsize in " + name] = namespace["sizes"]
    return facts


def of_distutils():
    if sys.version_info >= (3, 12):
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import distutils.sysconfig
        import distutils.util
    return {
        "distutils platform": distutils.util.get_platform(),
        "distutils EXT_SUFFIX": distutils.sysconfig.get_config_var("EXT_SUFFIX"),
        "distutils include": distutils.sysconfig.get_python_inc(),
    }


def of_packaging():
    directory = os.environ.get("PROBE_PACKAGING")
    if not directory:
        return {}
    sys.path.append(directory)
    try:
        from vendored.packaging import tags
    finally:
        sys.path.remove(directory)
    platforms = []
    for tag in tags.sys_tags():
        if tag.platform not in platforms:
            platforms.append(tag.platform)
    return {"tags": sorted(platforms), "tags abi": next(tags.sys_tags()).abi}


def write(path):
    with open(path, "w") as stream:
        json.dump(observe(), stream)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write(sys.argv[1])
    else:
        json.dump(observe(), sys.stdout)
