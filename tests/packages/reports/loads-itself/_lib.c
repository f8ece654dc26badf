#include <Python.h>

int number(void)
{
    return 42;
}

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "_lib", NULL, -1, NULL};

PyMODINIT_FUNC PyInit__lib(void)
{
    PyObject *m = PyModule_Create(&d);
    return m;
}
