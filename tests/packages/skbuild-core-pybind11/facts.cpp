#include <pybind11/pybind11.h>

namespace py = pybind11;

static py::dict facts()
{
    const unsigned short one = 1;
    py::dict found;
    found["sizeof_long"] = sizeof(long);
    found["SIZEOF_LONG"] = SIZEOF_LONG;
    found["sizeof_pointer"] = sizeof(void *);
    found["SIZEOF_VOID_P"] = SIZEOF_VOID_P;
    found["little_endian"] = static_cast<int>(*reinterpret_cast<const unsigned char *>(&one));
    found["PY_LITTLE_ENDIAN"] = PY_LITTLE_ENDIAN;
    found["PY_VERSION"] = PY_VERSION;
    return found;
}

PYBIND11_MODULE(skbuild_core_pybind11, module)
{
    module.def("facts", &facts);
}
