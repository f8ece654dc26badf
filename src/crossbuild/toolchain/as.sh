# as, as GNU's, for a compiler that has its assembler inside: it reads files or standard input, and writes to a.out if it
# is told no other name.
# A GCC for the build machine that a build calls by its path finds its assembler on PATH. That is not for us.
[ -z "$COLLECT_GCC" ] || { PATH=${PATH#*"${0%/*}:"} ; exec "${0##*/}" "$@" ; }

input= output= value= left=$#
while [ "$left" -gt 0 ]; do
    argument=$1 left=$((left - 1))
    shift
    case $value in
        keep) value= ; set -- "$@" "$argument" ; continue ;;
        defsym) value= ; set -- "$@" "-Wa,--defsym,$argument" ; continue ;;
    esac
    case $argument in
        -o) output=yes value=keep ;;
        -o*) output=yes ;;
        -I) value=keep ;;
        --defsym | -defsym) value=defsym ; continue ;;
        -- | -) input=yes argument=- ;;
        --version | -v | -g* | -I* | -W | -w | -m*) ;;
        -*) argument=-Wa,$argument ;;
        *) input=yes ;;
    esac
    set -- "$@" "$argument"
done
case " $* " in *" --version "*) input=yes output=yes ;; esac
[ -n "$input" ] || set -- "$@" -
[ -n "$output" ] || set -- -o a.out "$@"
exec "$here/gcc" -c -x assembler "$@"
