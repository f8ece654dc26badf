#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "asker", NULL, 0, NULL};

PyMODINIT_FUNC PyInit_asker(void)
{
    return PyModule_Create(&module);
}
