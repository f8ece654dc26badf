# The body of `meson` on the cross PATH. Above it stand `directory`, that of the environment, and `setup_for_host`, which
# runs `real` with our cross files before the arguments: what the caller's own say then wins.
# Meson learns from cross files alone that it compiles for another machine, and no variable names one. A build directory
# keeps those that it was set up with: they are given once.

real=$(
    IFS=: found=
    set -f
    for place in $PATH; do
        program=${place:-.}/meson
        if [ "$program" -ef "$directory/bin/meson" ]; then found=
        elif [ -z "$found" ] && [ -f "$program" ] && [ -x "$program" ]; then found=$program
        fi
    done
    echo "$found"
)
[ -n "$real" ] || {
    [ -z "$CROSSBUILD_RECORD" ] || echo meson >>"$CROSSBUILD_RECORD/absent-programs"
    echo "crossbuild: there is no meson here: require it for the build, or type build-pip install meson" >&2
    exit 127
}

case $1 in
    setup) shift ;;
    configure | dist | install | introspect | init | test | wrap | subprojects | rewrite | compile | devenv | env2mfile | \
        reprotest | format | fmt | help | runpython | unstable-coredata | -h | --help | -v | --version | --internal | \
        --runpython) exec "$real" "$@" ;;
    # All else is what setup takes: it need not be named.
esac

# Below another environment, this one's meson is just the next on the PATH.
told=no kept=coredata.dat places=0
[ "${CROSSBUILD_DIRECTORY:-$directory}" = "$directory" ] || told=yes
for argument do
    case $argument in
        --wipe) kept=cmd_line.txt ;;
        *"$directory/native/"*) told=yes ;;
    esac
done
for argument do
    case $argument in -*) continue ;; esac
    places=$((places + 1))
    [ ! -e "$argument/meson-private/$kept" ] || told=yes
done
# Of the two directories, one that is not named is the working directory.
[ $places -gt 1 ] || [ ! -e "meson-private/$kept" ] || told=yes
[ $told = yes ] || setup_for_host "$@"
exec "$real" setup "$@"
