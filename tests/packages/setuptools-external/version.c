#include <Python.h>
#include <bzlib.h>

/* The version of the host's libbz2. */
static PyObject *version(PyObject *self, PyObject *nothing)
{
    return PyUnicode_FromString(BZ2_bzlibVersion());
}

static PyMethodDef methods[] = {{"version", version, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "setuptools_external", NULL, 0, methods};

PyMODINIT_FUNC PyInit_setuptools_external(void)
{
    return PyModule_Create(&module);
}
