exec "$here/gcc" -std=c99 "$@"
