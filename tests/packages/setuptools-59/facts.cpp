#include <Python.h>

#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

// In a source of C.
extern "C" const char *version_of_headers(void);

// An exception that unwinds through a function, and text through a stream.
static std::string thrown(long number)
{
    std::ostringstream text;
    text << "no number is " << number;
    throw std::out_of_range(text.str());
}

static PyObject *facts(PyObject *, PyObject *)
{
    const unsigned short one = 1;
    std::string caught;
    try {
        caught = thrown(42);
    } catch (const std::exception &error) {
        caught = error.what();
    }
    std::cout << "written by C++" << std::endl;
    return Py_BuildValue(
        "{s:i,s:i,s:i,s:i,s:i,s:i,s:s,s:s}",
        "sizeof_long", static_cast<int>(sizeof(long)), "SIZEOF_LONG", SIZEOF_LONG,
        "sizeof_pointer", static_cast<int>(sizeof(void *)), "SIZEOF_VOID_P", SIZEOF_VOID_P,
        "little_endian", static_cast<int>(*reinterpret_cast<const unsigned char *>(&one)),
        "PY_LITTLE_ENDIAN", PY_LITTLE_ENDIAN, "PY_VERSION", version_of_headers(), "caught", caught.c_str());
}

static PyMethodDef methods[] = {{"facts", facts, METH_NOARGS, nullptr}, {}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "setuptools_59", nullptr, 0, methods};

PyMODINIT_FUNC PyInit_setuptools_59()
{
    return PyModule_Create(&module);
}
