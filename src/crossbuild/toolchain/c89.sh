exec "$here/gcc" -std=c89 "$@"
