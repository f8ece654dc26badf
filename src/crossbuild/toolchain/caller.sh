# caller_process: prints the number of the process that had this program run. A shell that only runs the text of a command, as
# make, Python and ninja have theirs run, is none: sh -c, bash -eu -o pipefail -c. One that runs a script is.
caller_process() (
    set -f
    process=$PPID
    while runs_a_command $(tr '\0' ' ' <"/proc/$process/cmdline"); do
        process=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status")
    done 2>/dev/null
    echo "$process"
)

# runs_a_command WORD...: whether these are the words of such a shell.
runs_a_command() {
    case ${1##*/} in sh | ash | bash | dash) ;; *) return 1 ;; esac
    while shift; do
        case $1 in --*) ;; -*c) return ;; -*o) shift $(($# > 1)) ;; -*) ;; *) return 1 ;; esac
    done
}
