#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The life of a container: create, start, run, state, kill, delete, list, ps and their options.

load ../lib/cli

@test "run: output and exit status are the process's" {
	in_container 'echo out; echo err >&2; exit 42'
	[ "$status" = 42 ]
	has '^out$'
	has '^err$'
	nothing_left
}
