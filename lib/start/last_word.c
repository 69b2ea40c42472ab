/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page between init and its starter. Trust: init is berth's code until it executes the program,
 * and the mapping does not survive execve(2), so what the host reads there after the channel has
 * ended was written by berth. The size is sealed, so that nobody can shrink the page and make the
 * host fault.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "start/last_word.h"

int last_word_map(int fd, struct last_word **ret, struct berth_error *e)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *page;

	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) < 0 ||
	    (size_t)st.st_size < sizeof(**ret))
		return refuse(e, EPROTO, "what was sent is no sealed memory");
	page = mmap(NULL, sizeof(**ret), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return fail(e, errno, "map the shared page");
	*ret = page;
	return 0;
}

int last_word_make(int *ret_fd, struct last_word **ret, struct berth_error *e)
{
	autoclose int fd = memfd_create("berth-last-word", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return fail(e, errno, "make a shared page");
	if (ftruncate(fd, sizeof(**ret)) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0)
		return fail(e, errno, "seal the shared page");
	r = last_word_map(fd, ret, e);
	if (r < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 0;
}

void last_word_unmap(struct last_word **w)
{
	if (*w)
		(void)munmap(*w, sizeof(**w));
	*w = NULL;
}
