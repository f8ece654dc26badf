#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "here", NULL, 0, NULL};

PyMODINIT_FUNC PyInit_here(void)
{
    return PyModule_Create(&module);
}
