#include <Python.h>
#include <zlib.h>

static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "headed", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_headed(void)
{
    PyObject *m = PyModule_Create(&d);
    PyModule_AddIntConstant(m, "told_zlib", TOLD_ZLIB);
    PyModule_AddIntConstant(m, "zlib_vernum", ZLIB_VERNUM);
    PyModule_AddIntConstant(m, "has_yaml", HAS_YAML);
    PyModule_AddIntConstant(m, "has_magic", HAS_MAGIC);
    return m;
}
