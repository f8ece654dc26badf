################################################################################
#
# python-example
#
################################################################################

PYTHON_EXAMPLE_VERSION = 1.0
PYTHON_EXAMPLE_SOURCE = example-$(PYTHON_EXAMPLE_VERSION).tar.gz
PYTHON_EXAMPLE_SITE = https://example.org/releases
PYTHON_EXAMPLE_LICENSE = MIT
PYTHON_EXAMPLE_LICENSE_FILES = LICENSE

$(eval $(crossbuild-package))
