# The body of pkg-config on the cross PATH. Above it stand `real`, the program, and the variables that make it answer for
# the host, for builds that empty the environment.
# Of each query it leaves a file in the record: the modules looked for, as PKG_CONFIG_LOG lists them, and what is wrong.

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
