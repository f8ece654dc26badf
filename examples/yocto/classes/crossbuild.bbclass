# For Python recipes whose wheel crossbuild builds, whatever their build
# backend. It is installed as by python_pep517, from which this differs in
# do_compile only. What is needed to build (build-system.requires) is no
# dependency of the recipe: crossbuild installs it.

inherit python3native python_pep517

DEPENDS:append:class-target = " python3"

# The program. It is installed on the build host: an absolute path, or a name
# that HOSTTOOLS has.
CROSSBUILD ?= "crossbuild"

# More options of `crossbuild wheel`.
CROSSBUILD_OPTS ?= ""

# Build requirements come from an index, unless CROSSBUILD_OPTS says --offline
# and --find-links.
do_compile[network] ?= "1"

crossbuild_do_compile () {
    # python3native tells the native Python by these that it is the target's.
    unset STAGING_INCDIR STAGING_LIBDIR PYTHON_LIBRARY PYTHON_INCLUDE_DIR

    ${CROSSBUILD} wheel ${PEP517_SOURCE_PATH}/ --no-deps \
        --wheel-dir ${PEP517_WHEEL_PATH} \
        --host ${STAGING_EXECPREFIXDIR} \
        --python ${PYTHON_BASEVERSION} \
        --build-python ${PYTHON} \
        --sysroot ${STAGING_DIR_TARGET} \
        --cc "${CC}" --cxx "${CXX}" --ar "${AR}" \
        ${CROSSBUILD_OPTS}
}

EXPORT_FUNCTIONS do_compile
