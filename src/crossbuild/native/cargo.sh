# The body of `cargo` on the cross PATH. Above it stands `real`, the build machine's cargo.
# Compiles an empty crate for the host before all the others: whether there is a standard library for it shows at once.
# Not for the build machine's triple, nor where the caller took the host's away: such a run is none for the host.
toolchain= triple=$CARGO_BUILD_TARGET previous=
case $1 in +*) toolchain=$1 ;; esac
for argument do
    case $previous:$argument in --target:*) triple=$argument ;; *:--target=*) triple=${argument#--target=} ;; esac
    previous=$argument
done
case ":$triple: $CARGO_UNSTABLE_BUILD_STD $* " in
    "::"* | *build-std*) ;;
    *" rustc "* | *" build "*)
        : | "${RUSTC:-rustc}" $toolchain --target "$triple" --crate-name crossbuild_empty --crate-type lib \
            --emit metadata --out-dir "${TMPDIR:-/tmp}" - || exit 101
        ;;
esac
exec "$real" "$@"
