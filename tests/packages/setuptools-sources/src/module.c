#include "facts.h"

int set_fact(PyObject *facts, const char *name, PyObject *value)
{
    const int status = value ? PyDict_SetItemString(facts, name, value) : -1;
    Py_XDECREF(value);
    return status;
}

static PyObject *facts(PyObject *self, PyObject *nothing)
{
    PyObject *facts = PyDict_New();
    if (facts && (machine_facts(facts) < 0 || header_facts(facts) < 0))
        Py_CLEAR(facts);
    return facts;
}

static PyMethodDef methods[] = {{"facts", facts, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_facts", NULL, 0, methods};

PyMODINIT_FUNC PyInit__facts(void)
{
    return PyModule_Create(&module);
}
