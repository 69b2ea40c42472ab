#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make_static.sh OBJCOPY AR INPUT OUTPUT CC...: libberth.a as it is installed: one object in which only berth_* is left visible,
# so that a program linked with it may have functions called fail() or cleanup() of its own.
set -eu
objcopy=$1 ar=$2 input=$3 output=$4
shift 4
"$@" -r -nostdlib -o "$output.o" -Wl,--whole-archive "$input" -Wl,--no-whole-archive
"$objcopy" --localize-hidden "$output.o"
rm -f "$output"
"$ar" crs "$output" "$output.o"
rm -f "$output.o"
