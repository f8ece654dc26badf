#include <Python.h>

static PyObject *name(PyObject *self, PyObject *text)
{
    return PyUnicode_FromString(PyUnicode_AsUTF8(text));
}

static PyMethodDef methods[] = {{"name", name, METH_O, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "beyond", NULL, 0, methods};

PyMODINIT_FUNC PyInit_beyond(void)
{
    return PyModule_Create(&module);
}
