################################################################################
# crossbuild package infrastructure
#
# For Python packages of the target that are built by crossbuild, whatever
# their build backend. The package .mk file gives the metadata, as for
# python-package, but no _SETUP_TYPE, and no dependencies on what is only
# needed to build: crossbuild installs that. It may set
#
#  <PKG>_CROSSBUILD_OPTS      more options of `crossbuild wheel`
#  <PKG>_ENV                  variables for the build
#  <PKG>_INSTALL_TARGET_OPTS  more options for the installation
#
# CROSSBUILD is the program, which is installed on the machine that runs
# Buildroot.
################################################################################

CROSSBUILD ?= crossbuild

# Buildroot's own Python is of the target's version, so it can build for it.
PKG_CROSSBUILD_OPTS = \
	--host $(STAGING_DIR)/usr \
	--python $(PYTHON3_VERSION_MAJOR) \
	--build-python $(HOST_DIR)/bin/python3 \
	--sysroot $(STAGING_DIR) \
	--toolchain $(TARGET_CROSS) \
	--jobs $(PARALLEL_JOBS)

################################################################################
# inner-crossbuild-package -- defines how the compilation and installation of
# a package should be done, and calls the generic package infrastructure to
# generate the necessary make targets
#
#  argument 1 is the lowercase package name
#  argument 2 is the uppercase package name
################################################################################

define inner-crossbuild-package

$(2)_DEPENDENCIES += host-python3 python3 host-python-installer

ifndef $(2)_BUILD_CMDS
define $(2)_BUILD_CMDS
	(cd $$($$(PKG)_BUILDDIR)/; \
		rm -rf dist; \
		$$(TARGET_MAKE_ENV) \
		$$($$(PKG)_ENV) \
		$$(CROSSBUILD) wheel ./ --no-deps \
		--wheel-dir dist \
		$$(PKG_CROSSBUILD_OPTS) \
		$$($$(PKG)_CROSSBUILD_OPTS))
endef
endif

ifndef $(2)_INSTALL_TARGET_CMDS
define $(2)_INSTALL_TARGET_CMDS
	(cd $$($$(PKG)_BUILDDIR)/; \
		$$(PKG_PYTHON_PEP517_ENV) \
		$$(HOST_DIR)/bin/python3 \
		$$(PKG_PYTHON_PEP517_INSTALL_TARGET_CMD) \
		$$($$(PKG)_INSTALL_TARGET_OPTS))
endef
endif

ifndef $(2)_INSTALL_STAGING_CMDS
define $(2)_INSTALL_STAGING_CMDS
	(cd $$($$(PKG)_BUILDDIR)/; \
		$$(PKG_PYTHON_PEP517_ENV) \
		$$(HOST_DIR)/bin/python3 \
		$$(PKG_PYTHON_PEP517_INSTALL_STAGING_CMD) \
		$$($$(PKG)_INSTALL_STAGING_OPTS))
endef
endif

$(call inner-generic-package,$(1),$(2),$(2),target)

endef

################################################################################
# crossbuild-package -- the target generator macro
################################################################################

crossbuild-package = $(call inner-crossbuild-package,$(pkgname),$(call UPPERCASE,$(pkgname)))
