# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Counting and showing of TAP files (the "Test Anything Protocol" that bats and libcheck speak).

# print_failures FILE: each failed test with its output
print_failures()
{
	awk '/^not ok/ { show = 1 } /^ok/ { show = 0 } show' "$1"
}

# print_skips FILE...: what was skipped, by reason
print_skips()
{
	[ $# = 0 ] || sed -n 's/^ok .*# *[sS][kK][iI][pP] *\(.*\)/\1/p' "$@" | sort | uniq -c |
		sed 's/^ *\([0-9]*\) /\1 skipped: /'
}

# print_count FILE...: "N passed, N failed, N skipped". A test that is planned and missing has failed.
print_count()
{
	awk 'function close_file() { if (planned > seen) failed += planned - seen; planned = seen = 0 }
	     FNR == 1 { close_file() }
	     /^1\.\.[0-9]+/ { planned = substr($1, 4) + 0 }
	     /^not ok/ { failed++; seen++ }
	     /^ok .*# *[sS][kK][iI][pP]/ { skipped++; seen++; next }
	     /^ok/ { passed++; seen++ }
	     END { close_file(); printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' "$@" /dev/null
}

# print_summary FILE...: the reasons of what was skipped, then the count; fails if a test did or if none ran
print_summary()
{
	local count
	count=$(print_count "$@")
	print_skips "$@"
	echo "$count"
	[[ $count == *" 0 failed"* && $count != "0 passed"* ]]
}
