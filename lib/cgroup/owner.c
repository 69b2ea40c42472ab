/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marks. Trust: whoever may write to a cgroup's directory may set and remove its marks (user.*
 * attributes of cgroupfs, Linux 5.7). But they could as well kill its processes and remove it, so a
 * forged mark gains them nothing.
 */
#include "cgroup/owner.h"

#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/log.h"

#define CONTAINER_MARK "user.berth.container"
#define PARENT_MARK    "user.berth.parent"

enum { ID_MAX = 256 };

void owner_mark_container(int dir, const char *id)
{
	if (fsetxattr(dir, CONTAINER_MARK, id, strlen(id), 0) < 0)
		log_debug("cannot mark the cgroup of container %s: %m", id);
}

bool owner_is_container(int dir, const char *id)
{
	char value[ID_MAX];
	ssize_t n = fgetxattr(dir, CONTAINER_MARK, value, sizeof(value));

	return n > 0 && (size_t)n == strlen(id) && memcmp(value, id, (size_t)n) == 0;
}

void owner_mark_parent(int dir)
{
	if (fsetxattr(dir, PARENT_MARK, "1", 1, 0) < 0)
		log_debug("cannot mark a cgroup that was made on the way: %m");
}

void owner_remove_parents(const struct cgroup_tree *t, const char *path)
{
	autofree char *above = strdup(path);

	/* What somebody else makes in there meanwhile makes unlinkat(2) fail. Who was about to
	 * finds its parent gone, and makes it again. */
	while (above && strrchr(above, '/') > above) {
		struct berth_error ignored;
		autoclose int dir = -1;
		char value;

		*strrchr(above, '/') = '\0';
		if (tree_open_at(t, above, O_RDONLY | O_DIRECTORY, &dir, &ignored) < 0)
			continue;
		if (fgetxattr(dir, PARENT_MARK, &value, 1) != 1 ||
		    (unlinkat(t->dir, above + 1, AT_REMOVEDIR) < 0 && errno != ENOENT))
			break;
	}
}
