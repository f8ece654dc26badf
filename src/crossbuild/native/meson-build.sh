# The body of a compiler for the build machine, as Meson sees it. Above it stands `compiler`, the real one.
# Meson tries such a compiler in every project, and each would have to wait for it to be downloaded. So there is none,
# unless a meson.build of the project says `native:`, and not `native: false`.

# Meson is the parent. It was told where the sources are, unless it was started there.
projects() {
    { echo . && tr '\0' '\n' <"/proc/$PPID/cmdline" ; } | while read -r place; do
        [ ! -f "$place/meson.build" ] || echo "$place"
    done
}

needed() {
    while read -r place; do
        find "$place/" -name meson.build \
            -exec grep -ohE "(^|[^A-Za-z_])native['\"]?[[:space:]]*:[[:space:]]*[A-Za-z_]*" {} +
    done | grep -qv ":[[:space:]]*false$"
}

found=$(projects)
[ -z "$found" ] || echo "$found" | needed || exit 1
ln -sf "$compiler" "$0"
exec "$compiler" "$@"
