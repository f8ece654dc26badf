# When cross-compiling, FindPython either does not ask the interpreter (CMP0190 unset or OLD before CMake 4.1) or
# refuses to go on without an emulator (CMP0190 NEW). The cross Python runs here and answers for the host, so it may be
# asked like any other.
include_guard(GLOBAL)

macro(crossbuild_provide_dependency method package)
  if("${package}" MATCHES "^Python[23]?$")
    set(_crossbuild_cross_compiling "${CMAKE_CROSSCOMPILING}")
    set(CMAKE_CROSSCOMPILING FALSE)
    find_package(${package} ${ARGN} BYPASS_PROVIDER)
    set(CMAKE_CROSSCOMPILING "${_crossbuild_cross_compiling}")
    unset(_crossbuild_cross_compiling)
  endif()
endmacro()

if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.24)
  cmake_language(
    SET_DEPENDENCY_PROVIDER crossbuild_provide_dependency
    SUPPORTED_METHODS FIND_PACKAGE
  )
endif()
