#include <Python.h>

#if !HAVE_PYTHON || !HAVE_STRLEN
#error "The compiler fails where it should not"
#endif
#if HAVE_NO_SUCH_HEADER || HAVE_NO_SUCH_OPTION || HAVE_NO_SUCH_FUNCTION || HAVE_NO_SUCH_LIBRARY
#error "The compiler does not fail where it should"
#endif

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "setuptools_probing"};

PyMODINIT_FUNC PyInit_setuptools_probing(void)
{
    return PyModule_Create(&module);
}
