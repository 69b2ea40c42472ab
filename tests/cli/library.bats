#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# libberth as it is installed: headers, static and shared library, pkg-config file, and the example program that uses them.

load ../lib/cli

# The build folder that the runtime comes from.
build_folder()
{
	dirname "$(dirname "$(readlink -f "$RUNTIME")")"
}

setup_file()
{
	cli_setup_file
	local build
	build=$(build_folder)
	if [ -z "${ASAN_OPTIONS:-}" ] && [ -e "$build/build.ninja" ] && command -v meson cc pkg-config >/dev/null; then
		meson install -C "$build" --no-rebuild --destdir "$CLI_DIR/installed" >"$CLI_DIR/install.log" 2>&1 ||
			cat "$CLI_DIR/install.log" >&2
	fi
}

setup()
{
	cli_setup
	[ -d "$CLI_DIR/installed" ] || skip "needs a build folder without sanitizers, a compiler and pkg-config"
	local pc
	pc=$(find "$CLI_DIR/installed" -name berth.pc)
	export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$CLI_DIR/installed
	LIBRARIES=${pc%/pkgconfig/*}
}

# run_example: the example program runs the bundle
run_example()
{
	sh_c 'echo hello; exit 7'
	run "${AS_USER[@]}" env HOME="$T" XDG_RUNTIME_DIR="$T/run" LD_LIBRARY_PATH="$LIBRARIES" \
		"$T/example" "$BUNDLE" "$STATE"
	[ "$status" = 7 ] || failed "exit status $status: $output"
	is hello
	[ -z "$(find "$STATE" -mindepth 1)" ]
	run "${AS_USER[@]}" env LD_LIBRARY_PATH="$LIBRARIES" "$T/example" "$T/nowhere" "$STATE"
	[ "$status" = 1 ]
	has 'nowhere: No such file'
}

@test "library: the example, with the shared library" {
	# shellcheck disable=SC2046 # words on purpose
	cc -Wall -Wextra -Werror -o "$T/example" "$CLI_SOURCE/examples/library/main.c" $(pkg-config --cflags --libs berth)
	readelf -d "$T/example" | grep -q 'NEEDED.*libberth\.so\.0'
	run_example
}

@test "library: the example, with the static library" {
	[ -n "$(pkg-config --variable=libdir berth)" ]
	# shellcheck disable=SC2046
	cc -static -o "$T/example" "$CLI_SOURCE/examples/library/main.c" $(pkg-config --static --cflags --libs berth)
	run_example
}

@test "library: a caller who lives long keeps no fds, memory or children" {
	# shellcheck disable=SC2046 # words on purpose
	cc -Wall -Wextra -Werror -o "$T/daemon" "$CLI_SOURCE/tests/lib/daemon.c" $(pkg-config --cflags --libs berth)
	sh_c 'exec sleep 1000'
	mkdir "$T/broken"
	jq '.process.args = ["/no/such/program"]' "$BUNDLE/config.json" >"$T/broken/config.json"
	ln -s "$BUNDLE/rootfs" "$T/broken/rootfs"
	# without its cache the allocator knows exactly what is in use
	run "${AS_USER[@]}" env HOME="$T" XDG_RUNTIME_DIR="$T/run" LD_LIBRARY_PATH="$LIBRARIES" \
		GLIBC_TUNABLES=glibc.malloc.tcache_count=0 "$T/daemon" "$BUNDLE" "$STATE" 10
	[ "$status" = 0 ] || failed "exit status $status: $output"
	is 'the end'
	[ -z "$(find "$STATE" -mindepth 1)" ]
}

@test "library: nothing but berth_* is visible in it" {
	local symbols
	symbols=$(nm -D --defined-only "$LIBRARIES/libberth.so" && nm -g --defined-only "$LIBRARIES/libberth.a")
	grep -q ' T berth_create$' <<<"$symbols"
	[ -z "$(awk 'NF == 3 && $3 !~ /^berth_/' <<<"$symbols")" ]
}

@test "library: every function of the headers is in it" {
	local name
	while read -r name; do
		nm -D --defined-only "$LIBRARIES/libberth.so" | grep -q " T $name\$" || failed "$name is not in the library"
	done < <(sed -n 's/^[a-z].*[ *]\(berth_[a-z_]*\)(.*/\1/p' "$CLI_DIR"/installed/usr/local/include/berth/*.h)
}

@test "library: its headers stand alone, in C and C++" {
	local header
	for header in error config container log; do
		echo "#include <berth/$header.h>" | cc -Wall -Wextra -Werror -std=c17 -fsyntax-only -I"$CLI_DIR"/installed/usr/local/include -xc -
		command -v c++ || continue
		echo "#include <berth/$header.h>" | c++ -Wall -Wextra -Werror -fsyntax-only -I"$CLI_DIR"/installed/usr/local/include -xc++ -
	done
}

@test "installed: the program, its manual page and completions" {
	local file root=$CLI_DIR/installed/usr/local
	"$root/bin/berth" --version
	for file in share/man/man1/berth.1 share/bash-completion/completions/berth share/zsh/site-functions/_berth \
		share/fish/vendor_completions.d/berth.fish; do
		[ -s "$root/$file" ]
	done
	for file in $(rt run --help | grep -oE -- '--[a-z-]+' | sort -u | sed 's/^--//'); do
		grep -q "^\.It .*Fl Fl $file" "$root/share/man/man1/berth.1" || failed "the manual page lacks --$file"
	done
	if command -v mandoc >/dev/null; then
		mandoc -Tlint -W warning "$root/share/man/man1/berth.1"
	fi
}
