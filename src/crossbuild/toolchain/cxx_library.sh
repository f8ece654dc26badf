# share_library DIRECTORY: has zig compile its C++ library, and keeps it in DIRECTORY with the options that find its headers.
# It is made for the oldest libc, since newer ones take it too, for the host's own CPU and without debugging information: so
# one library serves every build, whatever it promises and whatever options it compiles with.
share_library() {
    scratch=$ZIG_GLOBAL_CACHE_DIR/tmp/crossbuild-$$
    mkdir -p "$scratch" || return
    (cd "$scratch" && make_library) 2>/dev/null && mv -T "$scratch" "$1" 2>/dev/null
    rm -rf "$scratch"
    [ -d "$1" ]
}

# make_library: makes the library in this directory. Where zig keeps it, and which headers go with it, only zig knows, and
# says in the commands that it runs. The two variables do not change what it makes.
make_library() {
    echo "int main() {} // $$" >program.cpp
    ZIG_VERBOSE_CC=1 ZIG_VERBOSE_LINK=1 run -target "$oldest" -rtlib=none -s program.cpp -o program >commands 2>&1 || return
    sed -n '/ clang .*program\.cpp /s/ -/\n-/gp' commands |
        sed -n 's/^-isystem \(.*\/libcxx.*\)/"-I\1"/p; s/^-D_LIBC.*/"&"/p' >headers
    for name in c++abi c++ unwind; do
        place=$(sed -n "s/.*[ /]\(o\/[0-9a-f]*\/lib$name\.a\).*/\1/p" commands | tail -n 1)
        cp "$ZIG_GLOBAL_CACHE_DIR/$place" "libcrossbuild-$name.a" || return
    done
    rm -f commands program program.cpp
    [ -s headers ]
}
