# The body of every compiler file on the cross PATH. Above it stand, per file: `tool` (cc, cxx, ar …), `foreign` (the
# build machine's directories), `ignored` (options that the real program lacks and that change no meaning), `answer`
# (answers questions about the machine, or fails) and `run` (the real program).
# It keeps the build machine out of the build, undoes the habits of the real program, and records each run.

leaks() {
    case $1 in
        -march=native | -mtune=native | -mcpu=native) return 0 ;;
        -I?*) set -- "${1#-I}" ;;
        -L?*) set -- "${1#-L}" ;;
        -isystem?*) set -- "${1#-isystem}" ;;
        -Wl,* | -flto*) case " $ignored " in *" ${1%%[,=][!-]*} "*) return 0 ;; *) return 1 ;; esac ;;
        *) return 1 ;;
    esac
    case " $foreign " in *" ${1%/} "*) return 0 ;; *) return 1 ;; esac
}

clean=yes standard_input=no language=no option=
for argument do
    case $argument in
        -dumpmachine | -print-multiarch) answer "$argument" && exit ;;
        -x*) language=yes ;;
        -) standard_input=yes ;;
    esac
    ! leaks "$option$argument" || clean=no
    case $argument in -I | -L | -isystem) option=$argument ;; *) option= ;; esac
done

if [ $clean = no ]; then
    # Turn the arguments round once, leaving out what leaks; `option` waits for its directory.
    left=$# dropped=
    while [ "$left" -gt 0 ]; do
        argument=$1 left=$((left - 1))
        shift
        case $option$argument in -I | -L | -isystem) option=$argument ; continue ;; esac
        if leaks "$option$argument"; then
            dropped="$dropped $option$argument"
        else
            set -- "$@" ${option:+"$option"} "$argument"
        fi
        option=
    done
    echo "crossbuild: dropped, since they are not for the host or its compiler:$dropped" >&2
fi
# With -E, gcc takes standard input for C; zig wants to be told.
[ "$standard_input$language" != yesno ] || set -- -x c "$@"

run "$@"
status=$?
if [ -n "$CROSSBUILD_RECORD" ]; then
    printf '%s\0' "$tool" "$PWD" $status $# "$@" >>"$CROSSBUILD_RECORD/$$"
    echo $$ >>"$CROSSBUILD_RECORD/order"
fi
exit $status
