# The body of `cargo` on the cross PATH. Above it stands `real`, the build machine's cargo.
# Compiles an empty crate for the host before all the others: whether there is a standard library for it shows at once.
toolchain=
case $1 in +*) toolchain=$1 ;; esac
case " $CARGO_UNSTABLE_BUILD_STD $* " in
    *build-std*) ;;
    *" rustc "* | *" build "*)
        : | "${RUSTC:-rustc}" $toolchain --target "$CARGO_BUILD_TARGET" --crate-name crossbuild_empty --crate-type lib \
            --emit metadata --out-dir "${TMPDIR:-/tmp}" - || exit 101
        ;;
esac
exec "$real" "$@"
