#include <Python.h>
#include <yaml.h>

/* The version of libyaml, which no tag promises and no Python needs. */
static PyObject *version(PyObject *self, PyObject *nothing)
{
    return PyUnicode_FromString(yaml_get_version_string());
}

static PyMethodDef methods[] = {{"version", version, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "setuptools_needing", NULL, 0, methods};

PyMODINIT_FUNC PyInit_setuptools_needing(void)
{
    return PyModule_Create(&module);
}
