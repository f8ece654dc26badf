SUMMARY = "A Python package with extension modules"
HOMEPAGE = "https://example.org/python-example"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=00000000000000000000000000000000"

SRC_URI = "https://example.org/releases/example-${PV}.tar.gz"
SRC_URI[sha256sum] = "0000000000000000000000000000000000000000000000000000000000000000"
S = "${UNPACKDIR}/example-${PV}"

inherit crossbuild

RDEPENDS:${PN} += "python3-core"
