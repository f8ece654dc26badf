exec "${0%/*}/gcc" -std=c99 "$@"
