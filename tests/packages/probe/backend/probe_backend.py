"""A PEP 517 backend whose wheel tells what a backend sees: in its own process, and in every kind of child."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)  # for children of multiprocessing, which import what they are to run

import observe

SCRIPT = os.path.join(HERE, "observe.py")
FLAGS = ["-I", "-E", "-S", "-s", "-IS", "-O"]
if sys.version_info >= (3, 11):
    FLAGS += ["-P", "-Xfrozen_modules=off"]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with tempfile.TemporaryDirectory() as scratch:
        seen = dict(in_process=observe.observe(), **children(scratch))
    seen["build python"] = run([config_settings["build-python"], SCRIPT])
    name = "probe-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("probe.json", json.dumps(seen))
        wheel.writestr("probe-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: probe\nVersion: 1.0\n")
    return name


def children(scratch):
    seen = {flag: run([sys.executable, flag, SCRIPT]) for flag in FLAGS}
    seen["subprocess"] = run([sys.executable, SCRIPT])
    with open(SCRIPT, "rb") as script:
        seen["stdin"] = run([sys.executable], stdin=script)
    seen["base executable"] = run([sys._base_executable, SCRIPT])
    seen["real path"] = run([os.path.realpath(sys.executable), SCRIPT])
    venv = os.path.join(scratch, "venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    seen["nested venv"] = run([os.path.join(venv, "bin", "python"), SCRIPT])
    copied = os.path.join(scratch, "copied")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--copies", copied], check=True)
    seen["nested venv of copies"] = run([os.path.join(copied, "bin", "python"), SCRIPT])
    for method in ("spawn", "fork", "forkserver"):
        seen[method] = in_multiprocessing(method, os.path.join(scratch, method))
    seen["subinterpreter"] = in_subinterpreter(os.path.join(scratch, "subinterpreter"))
    return seen


def run(command, stdin=subprocess.DEVNULL):
    return json.loads(subprocess.run(command, stdin=stdin, stdout=subprocess.PIPE, check=True).stdout.decode())


def in_multiprocessing(method, out):
    child = multiprocessing.get_context(method).Process(target=observe.write, args=(out,))
    child.start()
    child.join()
    with open(out) as stream:
        return json.load(stream)


def in_subinterpreter(out):
    code = "import sys; sys.path.insert(0, %r); import observe; observe.write(%r)" % (HERE, out)
    if sys.version_info >= (3, 13):
        import _interpreters

        failure = _interpreters.exec(_interpreters.create(), code)
        assert failure is None, failure
    else:
        import _xxsubinterpreters

        _xxsubinterpreters.run_string(_xxsubinterpreters.create(), code)
    with open(out) as stream:
        return json.load(stream)
