# The body of pkg-config on the cross PATH. Above it stand `real`, the program, `venv`, where build requirements are
# installed, `back`, the way from the sysroot to this machine's root, and the variables that make it answer for the host,
# for builds that empty the environment.
# Of each query it leaves a file in the record: the modules looked for, as PKG_CONFIG_LOG lists them, and what is wrong.

# The sysroot is put before the paths of these modules as before all others: the way back to / follows upon it.
installed=$(find "$venv/share" "$venv/lib" ${CROSSBUILD_HOST_SITE:+"$CROSSBUILD_HOST_SITE"} -type d -name pkgconfig 2>/dev/null | sed "s|^|$back|" | tr '\n' :)
export PKG_CONFIG_LIBDIR="$installed$PKG_CONFIG_LIBDIR"

log=
if [ -n "$CROSSBUILD_RECORD" ]; then
    log=$CROSSBUILD_RECORD/pkg-config-$$
    # An earlier process may have had this number.
    while [ -e "$log" ]; do log=$log-; done
    export PKG_CONFIG_LOG="$log"
fi

"$real" "$@"
status=$?
if [ $status != 0 ] && [ -n "$log" ]; then
    unset PKG_CONFIG_LOG
    "$real" --print-errors --errors-to-stdout "$@" >>"$log" 2>/dev/null
fi
exit $status
