# cpp, as GNU's: it reads a file or standard input, and writes to a second file or to standard output. The compiler does
# the work, but would link a file with an unknown suffix, and take a second file for another source.
input= output= language= query= value=no left=$#
while [ "$left" -gt 0 ]; do
    argument=$1 left=$((left - 1))
    shift
    case $value$argument in
        yes*) value=no ;;
        no-o) value=yes output=yes ;;
        no-o*) output=yes ;;
        no-x) value=yes language=yes ;;
        no-x*) language=yes ;;
        no--version | no--help | no-dump[a-z]* | no-print-*) query=yes ;;
        no-[IDUA] | no-M[FTQ] | no-include | no-imacros | no-isystem | no-iquote | no-idirafter | no-iprefix | \
            no-iwithprefix* | no-isysroot | no-X* | no--param | no--sysroot | no-target | no-mllvm) value=yes ;;
        no-?*) ;;
        *)
            if [ -z "$input" ]; then input=$argument
            elif [ -z "$output" ]; then output=yes ; set -- "$@" -o
            fi ;;
    esac
    set -- "$@" "$argument"
done
case $query$input in "") input=- ; set -- "$@" - ;; esac
[ -n "$language" ] || case $input in
    *.[chmCHS] | *.cc | *.cp | *.cpp | *.cxx | *.c++ | *.CPP | *.hh | *.hpp | *.hxx | *.h++ | *.mm) ;;
    *.s) set -- -x assembler-with-cpp "$@" ;;
    ?*) set -- -x c "$@" ;;
esac
exec "$here/gcc" -E "$@"
