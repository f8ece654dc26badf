# The body of `uname`, `arch` and `getconf` on the cross PATH. Above it stand `real`, the build machine's program, `own`
# and `machine`, what the build machine and the host are called, `bits`, how many a long has on the host, `libc`, the name
# and version of its C library, `python`, the cross Python, and `caller_process` (caller.sh of the toolchains).
# Makefiles and Python code that ask mean the host. All others ask where they run: config.guess, CMake, and what fetches
# programs.

case ${0##*/}:$* in
    uname: | uname:-[snrvo] | getconf:_NPROCESSORS*) exec "$real" "$@" ;;
esac

case $(readlink "/proc/$(caller_process)/exe") in
    */make | */gmake | "$python") ;;
    *) exec "$real" "$@" ;;
esac

case ${0##*/}:$*:$bits in
    getconf:LONG_BIT:*) echo "$bits" ;;
    getconf:LONG_MAX:32) echo 2147483647 ;;
    getconf:LONG_MIN:32) echo -2147483648 ;;
    getconf:ULONG_MAX:32) echo 4294967295 ;;
    getconf:LFS_CFLAGS:32) echo "-D_LARGEFILE_SOURCE -D_FILE_OFFSET_BITS=64" ;;
    getconf:GNU_LIBC_VERSION:*) [ -z "$libc" ] || echo "$libc" ;;
    getconf:*) exec "$real" "$@" ;;
    *)
        answer=$("$real" "$@") || exit
        word="s/(^| )$own( |\$)/\1$machine\2/"
        printf '%s\n' "$answer" | sed -E "$word;$word;$word" ;;
esac
