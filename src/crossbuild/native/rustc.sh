# The body of `rustc` on the cross PATH. Above it stands `real`, the build machine's rustc.
# It keeps the names of this machine's directories out of messages of panics and out of debug information. Of several that
# fit, the last holds: what the build itself says about a directory comes later.
toolchain=
case $1 in +*) toolchain=$1 ; shift ;; esac
exec "$real" $toolchain \
    --remap-path-prefix "${CARGO_HOME:-$HOME/.cargo}=/crossbuild/cargo" \
    --remap-path-prefix "${RUSTUP_HOME:-$HOME/.rustup}=/crossbuild/rustup" \
    --remap-path-prefix "$CROSSBUILD_DIRECTORY=/crossbuild" \
    ${CROSSBUILD_TREE:+--remap-path-prefix "$CROSSBUILD_TREE=/crossbuild/source"} \
    "$@"
