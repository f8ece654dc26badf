# The body of every compiler file on the cross PATH. Above it stand, per file: `tool` (cc, cxx, ar …), `foreign` (the
# build machine's directories), `sysroot` (the host's, if there is one), `ignored` (options that the real program lacks
# and that change no meaning), `answer` (answers questions about the machine, or fails) and `run` (the real program);
# and for a program that brings its own libc, `searched` (directories of the sysroot that it searches after all others)
# and `supplied` (the libraries that it has itself, or has others for).
# It keeps the build machine out of the build, undoes the habits of the real program, and records each run.

# judge ARGUMENT: sets `instead`, what takes its place. An option and the directory after it are one argument here.
judge() {
    instead=$1
    case $1 in
        -march=native | -mtune=native | -mcpu=native) instead= ;;
        -I?* | -L?*) judge_directory "${1%"${1#-?}"}" "${1#-?}" ;;
        -isystem?*) judge_directory -isystem "${1#-isystem}" ;;
        -idirafter?*) judge_directory -idirafter "${1#-idirafter}" ;;
        -Wl,* | -flto*) case " $ignored " in *" ${1%%[,=][!-]*} "*) instead= ;; esac ;;
        /*.so | /*.so.* | /*.a) [ -z "$supplied" ] || judge_library "$1" ;;
    esac
}

judge_directory() {
    place=${2%/}
    case " $foreign " in *" $place "*) instead= ; return ;; esac
    case " $searched " in *" $place "*) instead= quiet=yes ; return ;; esac
    [ -n "$sysroot" ] || return
    case $place in
        "$sysroot"/*) ;;
        /usr/include/* | /usr/local/include/* | /usr/lib/* | /usr/local/lib/*)
            # A build that knows where the library is on the host, but not that the host is elsewhere.
            if [ -d "$sysroot$place" ]; then instead=$1$sysroot$place quiet=yes
            elif [ "$1" != -L ]; then instead=
            fi ;;
    esac
}

judge_library() {
    case $1 in "$sysroot"/*) ;; *) return ;; esac
    name=${1##*/lib} name=${name%.a} name=${name%%.so*}
    case " $supplied " in *" $name "*) instead=-l$name quiet=yes ; return ;; esac
    [ ! -e "$CROSSBUILD_LIBRARIES/${1##*/}" ] || instead=$CROSSBUILD_LIBRARIES/${1##*/} quiet=yes
}

clean=yes standard_input=no language=no option=
for argument do
    case $argument in
        -dumpmachine | -print-multiarch | -print-search-dirs | --print-search-dirs) answer "$argument" && exit ;;
        -x*) language=yes ;;
        -) standard_input=yes ;;
    esac
    judge "$option$argument"
    [ "$instead" = "$option$argument" ] || clean=no
    case $argument in -I | -L | -isystem | -idirafter) option=$argument ;; *) option= ;; esac
done

if [ $clean = no ]; then
    # Turn the arguments round once, putting others in the place of some; `option` waits for its directory.
    left=$# dropped=
    while [ "$left" -gt 0 ]; do
        argument=$1 left=$((left - 1)) quiet=no
        shift
        case $option$argument in -I | -L | -isystem | -idirafter) option=$argument ; continue ;; esac
        judge "$option$argument"
        if [ "$instead" = "$option$argument" ]; then
            set -- "$@" ${option:+"$option"} "$argument"
        else
            [ $quiet = yes ] || dropped="$dropped $option$argument"
            set -- "$@" ${instead:+"$instead"}
        fi
        option=
    done
    [ -z "$dropped" ] || echo "crossbuild: dropped, since they are not for the host or its compiler:$dropped" >&2
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
