# The body of `uname`, `arch` and `getconf` on the cross PATH. Above it stand `real`, the build machine's program, `own`
# and `machine`, what the build machine and the host are called, `bits`, how many a long has on the host, `libc`, the name
# and version of its C library, and `python`, the cross Python.
# Makefiles and Python code that ask mean the host. All others ask where they run: config.guess, CMake, and what fetches
# programs.

case ${0##*/}:$* in
    uname: | uname:-[snrvo] | getconf:_NPROCESSORS*) exec "$real" "$@" ;;
esac

process=$PPID
while :; do
    case $(tr '\0' ' ' <"/proc/$process/cmdline") in
        "sh -c "* | */sh\ -c\ * | "bash -c "* | */bash\ -c\ *)
            process=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status") ;;
        *) break ;;
    esac
done 2>/dev/null
case $(readlink "/proc/$process/exe") in
    */make | */gmake | "$python") ;;
    *) exec "$real" "$@" ;;
esac

case ${0##*/}:$* in
    getconf:LONG_BIT) echo "$bits" ;;
    getconf:GNU_LIBC_VERSION) [ -z "$libc" ] || echo "$libc" ;;
    getconf:*) exec "$real" "$@" ;;
    *)
        answer=$("$real" "$@") || exit
        word="s/(^| )$own( |\$)/\1$machine\2/"
        printf '%s\n' "$answer" | sed -E "$word;$word;$word" ;;
esac
