# The body of every compiler file on the cross PATH. Above it stand, per file: `here` (its directory), `tool` (cc, cxx, ar
# …), `foreign` (the build machine's directories; empty in a compiler for that machine), `sysroot` (the host's, if there
# is one), `back` (the way from a sysroot to this machine's root), `ignored` (options that the real program lacks and that
# change no meaning), `answer` (answers questions about the machine, or fails), `run` (the real program) and
# `caller_process` (caller.sh); for a program that brings its own libc, `searched` (directories of
# the sysroot that it searches after all others) and `supplied` (the libraries that it has itself, or has others for); for
# one that calls CPUs by names of its own, `baseline`, the host's; `debugs` for one that makes debugging information
# unless it is told not to; and `library` and `oldest`, for one that compiles its C++ library when that is first needed
# (cxx_library.sh): the directory in its cache where that is kept, and the target that it is made for.
# It keeps the build machine out of the build, undoes the habits of the real program, and records each run.

# judge ARGUMENT: sets `instead`, what takes its place. An option and the directory after it are one argument here.
judge() {
    instead=$1
    case $1 in
        -o*) ;;
        -march=native | -mtune=native | -mcpu=native) [ -z "$foreign" ] || instead= ;;
        -march=?* | -mcpu=?* | -mtune=?* | -mfpu=neon | -mfpu=neon-vfpv4 | -maes | -msm4)
            [ -z "$baseline" ] || judge_cpu "$1" ;;
        -I?* | -L?*) judge_directory "${1%"${1#-?}"}" "${1#-?}" ;;
        -Wl,-rpath-link[,=]/*) judge_directory "${1%"${1#-Wl,-rpath-link?}"}" "${1#-Wl,-rpath-link?}" ;;
        -isystem?*) judge_directory -isystem "${1#-isystem}" ;;
        -idirafter?*) judge_directory -idirafter "${1#-idirafter}" ;;
        -Wl,* | -flto*) case " $ignored " in *" ${1%%[,=][!-]*} "*) instead= quiet=yes ;; esac ;;
        --target=*) case " $ignored " in *" $1 "*) instead= quiet=yes ;; esac ;;
        -g0) [ -z "$debugs" ] || instead= quiet=yes ;;
        /*.so | /*.so.* | /*.a)
            ! in_root -f "$1" || instead=$found quiet=yes
            [ -z "$supplied" ] || judge_library "$instead" ;;
        *.os) [ -z "$ignored" ] || judge_object "$1" ;;
        # The library that is shared is linked in place of what zig would compile for these.
        -lstdc++ | -lc++ | -lc++abi) [ -z "$shared" ] || instead= quiet=yes ;;
    esac
}

judge_directory() {
    place=${2%/}
    # pkg-config's way back from the sysroot.
    case $place in *"$back"*) place=/${place#*"$back/"} instead=$1$place quiet=yes ;; esac
    case $place in =/*) [ -z "$sysroot" ] || { place=$sysroot${place#=} instead=$1$place quiet=yes ; } ;; esac
    case " $foreign " in *" $place "*) instead= ; return ;; esac
    # A build that knows where the library is on the host, but not that the host is elsewhere.
    ! in_root -d "$place" || { place=$found instead=$1$found quiet=yes ; }
    case " $searched " in *" $place "*) instead= quiet=yes ; return ;; esac
    [ -n "$foreign" ] || return
    case $place in
        "${sysroot:-//}"/*) ;;
        /usr/include/* | /usr/local/include/* | /usr/lib/* | /usr/local/lib/*) [ "$1" = -L ] || instead= ;;
    esac
}

# in_root TEST PATH: whether a path that the build names is the host's; `found` is then where this machine has it. If both
# machines have the path, it is so in the places of systems only: elsewhere, it may be the project's.
in_root() {
    [ -n "$foreign" ] && [ -n "$sysroot" ] || return
    case $2 in
        "$sysroot"/*) return 1 ;;
        /usr/* | /opt/* | /lib/* | /lib64/*) ;;
        /?*) ! test -e "$2" || return ;;
        *) return 1 ;;
    esac
    follow "$2" && test "$1" "$found"
}

# follow PATH: sets `found` to the host's PATH in the sysroot; links to absolute paths would lead out of it otherwise.
follow() {
    found=$sysroot ahead=${1#/}/ links=0 leads_out=
    while [ -n "$ahead" ]; do
        found=$found/${ahead%%/*} ahead=${ahead#*/}
        [ -L "$found" ] || continue
        links=$((links + 1)) target=$(readlink "$found")
        case $links,$target in
            41,*) return 1 ;;
            *,/*) found=$sysroot ahead=${target#/}/$ahead leads_out=yes ;;
            *) found=${found%/*} ahead=$target/$ahead ;;
        esac
    done
    [ -n "$leads_out" ] || found=$sysroot$1
}

# SCons calls the objects of shared libraries so. zig does not know them by this name: it is shown them by another.
judge_object() {
    [ ! -f "$1" ] || { ln -sf "${1##*/}" "$1.o" && instead=$1.o quiet=yes ; }
}

# judge_file FILE: whether the arguments in it are objects to link. What else is done with them, zig does in its own way.
judge_file() {
    case " $(tr '\t\n"' '   ' <"$1") " in
        *" -c "* | *".c "* | *".C "* | *".cc "* | *".cp "* | *".cxx "* | *".cpp "* | *".c++ "* | *".CPP "*) bare=yes ;;
        *) objects=yes ;;
    esac 2>/dev/null
}

judge_library() {
    if [ -n "$foreign" ]; then case $1 in "$sysroot"/*) ;; *) return ;; esac
    else case " $searched " in *" ${1%/*} "*) ;; *) return ;; esac
    fi
    name=${1##*/lib} name=${name%.a} name=${name%%.so*}
    case " $supplied " in *" $name "*) judge "-l$name" ; quiet=yes ; return ;; esac
    [ ! -e "$CROSSBUILD_LIBRARIES/${1##*/}" ] || instead=$CROSSBUILD_LIBRARIES/${1##*/} quiet=yes
}

# zig takes each of -march, -mcpu and -mtune for the choice of instructions, calls CPUs by LLVM's names, knows -march by
# no name of an architecture, and has options for all of Arm's features, two of which are called like x86's.
judge_cpu() {
    quiet=yes
    case $1,$baseline in
        -mtune=* | -march=armv7-a,*+v7a*) instead= ;;
        -mfpu=neon,*+v7a* | -mfpu=neon-vfpv4,*+v7a*) instead=-mcpu=generic+v7a+vfp4 ;;
        -maes,*+v* | -msm4,*+v*) instead=$1-is-for-x86 ;;
        -m*=*) instead=-mcpu=$(printf '%s\n' "${1#*=}" | sed -E "$llvm_names") ;;
    esac
}
llvm_names='s/-/_/g; s/\./_/; s/^armv([0-9_]+)_a/generic+v\1a/; s/^power/pwr/
    s/\+fp16(\+|$)/+fullfp16\1/; s/\+simd(\+|$)/+neon\1/'

# tell WHAT OPTIONS WHY: says who passed them, to the user and to the record: the program that runs the compiler, where it
# does so, and the variable that holds one of them, if one does.
tell() {
    process=$(caller_process)
    program=$(tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null) place=$(readlink "/proc/$process/cwd")
    program=$(set -f ; set -- $program ; echo "${1##*/} ${2##*/} ${3##*/}" | sed 's/ *$//')
    variable=
    for flags in CFLAGS CXXFLAGS CPPFLAGS LDFLAGS; do
        eval "value=\" \$$flags \""
        for word in $2; do case $value in *" $word "*) variable=$flags ;; esac; done
    done
    echo "crossbuild: $3:$2 (passed by $program in $place${variable:+, from $variable})" >&2
    [ -z "$CROSSBUILD_RECORD" ] || printf '%s\0' "$1" "${2#" "}" "$program" "$place" "$variable" >>"$CROSSBUILD_RECORD/told"
}

# A GCC for the build machine that a build calls by its path finds its assembler and linker on PATH. That is not for us.
case $tool:${COLLECT_GCC:+gcc} in as:gcc | ld*:gcc) PATH=${PATH#*"${0%/*}:"} ; exec "${0##*/}" "$@" ;; esac

# Outside a build these are the user's, and for the build machine.
[ -z "$foreign" ] || [ -n "$CROSSBUILD_DIRECTORY" ] ||
    unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH OBJC_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX

clean=yes standard_input=no language=no option= stops_early= scripted= sources= objects= bare= reworded= debug=no
cxx_sources= wanted= shared= headers=
[ $tool != cxx ] || wanted=$library
for argument do
    case $argument in
        -dumpmachine | -print-multiarch | -print-search-dirs | --print-search-dirs) answer "$argument" && exit ;;
        -print-prog-name=?* | --print-prog-name=?*) answer "$argument" && exit ;;
        -x*) language=yes ;;
        -) standard_input=yes ;;
        -c | -E | -S | -M | -MM | -fsyntax-only) stops_early=yes ;;
        -nostdlib | -nostdlib++ | -nodefaultlibs | -r) bare=yes ;;
        -T*) scripted=yes ;;
        -g0) debug=no ;;
        -g*) debug=yes ;;
        *.cc | *.cp | *.cpp | *.cxx | *.c++ | *.C | *.CPP) sources=$sources+ cxx_sources=yes ;;
        *.c | *.s | *.S) sources=other ;;
        *.o | *.os | *.a) objects=yes ;;
        @?*) judge_file "${argument#@}" ;;
    esac
    judge "$option$argument"
    case $instead in -lstdc++ | -lc++ | -lc++abi) wanted=$library ;; esac
    [ "$instead" = "$option$argument" ] || clean=no
    case $argument in -I | -L | -isystem | -idirafter | -o) option=$argument ;; *) option= ;; esac
done

# gcc knows C++ by a source's suffix and then finds its headers, as old distutils expect; zig's C compiler does not.
case $tool$stops_early$sources in ccyes+*) exec "$here/g++" "$@" ;; esac

# Once told -g0, zig makes no debugging information, even if -g comes after it. And it links that of its own libraries,
# and takes one linker script: a build's own is more to the point.
plain= script=
if [ -n "$debugs" ]; then
    [ $debug = yes ] || plain=-g0
    [ -n "$stops_early$scripted" ] || script=$here/runtime.ld
fi

# Whoever links C++ first has to wait for the library.
case $wanted$stops_early$bare:$sources$objects in "${wanted:-none}":?*)
    kept=$ZIG_GLOBAL_CACHE_DIR/$wanted
    [ -d "$kept" ] || [ -z "$CROSSBUILD_RECORD" ] || true >"$CROSSBUILD_RECORD/slow"
    if [ -d "$kept" ] || share_library "$kept"; then
        shared=$kept clean=no
        case $tool$sources$cxx_sources in cxx?* | *yes) headers=yes ;; esac
    fi ;;
esac

if [ $clean = no ]; then
    # Turn the arguments round once, putting others in the place of some; `option` waits for its directory.
    left=$# dropped=
    while [ "$left" -gt 0 ]; do
        argument=$1 left=$((left - 1)) quiet=no
        shift
        case $option$argument in -I | -L | -isystem | -idirafter | -o) option=$argument ; continue ;; esac
        judge "$option$argument"
        if [ "$instead" = "$option$argument" ]; then
            set -- "$@" ${option:+"$option"} "$argument"
        else
            [ $quiet = yes ] || dropped="$dropped $option$argument"
            reworded="$reworded $instead:$argument"
            set -- "$@" ${instead:+"$instead"}
        fi
        option=
    done
    [ -z "$dropped" ] || tell dropped "$dropped" "dropped, since they are not for the host or its compiler"
fi
# With -E, gcc takes standard input for C; zig wants to be told.
case $tool$standard_input$language in ccyesno | cxxyesno) set -- -x c "$@" ;; esac

# What reads standard input is a question, and who asks may keep the answer to itself.
if [ $standard_input = yes ] && [ -n "$CROSSBUILD_RECORD" ]; then
    { said=$(run "$@" 2>&1 >&3 3>&-) ; status=$? ; } 3>&1
    [ -z "$said" ] || printf '%s\n' "$said" | tee -a "$CROSSBUILD_RECORD/answers" >&2
else
    run "$@"
    status=$?
fi
if [ -n "$CROSSBUILD_RECORD" ]; then
    printf '%s\0' "$tool" "$PWD" $status $# "$@" >>"$CROSSBUILD_RECORD/$$"
    echo $$ >>"$CROSSBUILD_RECORD/order"
fi
# An option for another machine fails, as it does on the host: who asks whether it is there must hear the truth.
if [ $status != 0 ] && case ${foreign:+$tool} in cc | cxx) ;; *) false ;; esac; then
    refused=
    for argument do
        case $argument in
            -mllvm) ;;
            -m?* | -fcf-protection*)
                run "$argument" -E -x c /dev/null >/dev/null 2>&1 && continue
                case "$reworded " in *" $argument:"*) argument=${reworded#*" $argument:"} argument=${argument%% *} ;; esac
                refused="$refused $argument" ;;
        esac
    done
    [ -z "$refused" ] || tell refused "$refused" "not known to the host's compiler"
fi
exit $status
