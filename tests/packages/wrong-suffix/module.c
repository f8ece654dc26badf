#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "wrong_suffix"};

PyMODINIT_FUNC PyInit_wrong_suffix(void)
{
    return PyModule_Create(&module);
}
