# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0

# find_mirror: the first Debian archive in apt's configuration
find_mirror()
{
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format '$(REPO_URI) $(SITE)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		awk '$1 !~ /security/ { print $1; exit }'
}
