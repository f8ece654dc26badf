#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native", "Built in " DIRECTORY};

PyMODINIT_FUNC PyInit_native(void) { return PyModule_Create(&module); }
