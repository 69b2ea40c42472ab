/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Continues from another mount of the executing file, without execve(2). Every page that came from
 * the file is mapped or copied to the same address, and then the kernel is told that the new file
 * is the executing one. It refuses (EBUSY) as long as a single page of the old file is mapped, so
 * no page can be forgotten. Trust: the file is berth's own, opened on the host; there is no
 * container yet.
 *
 * Only for a statically linked program with one thread: nobody else writes to the data while it is
 * copied. If anything fails, the pages that were moved are as good as before, and berth can still
 * be executed anew.
 */
#include "linux/self.h"

#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "base/process.h"

/* Addresses of whole pages. */
struct span {
	uintptr_t start, end;
};

static uintptr_t page_size(void)
{
	return getauxval(AT_PAGESZ);
}

static uintptr_t page_of(uintptr_t address)
{
	return address & ~(page_size() - 1);
}

static size_t size_of(const struct span *s)
{
	return s->end - s->start;
}

/* Takes the pages at `from` to the addresses of `to`, in place of what is there. */
static int move_pages(uintptr_t from, const struct span *to)
{
	if (size_of(to) == 0)
		return 0;
	return mremap((void *)from, size_of(to), size_of(to), MREMAP_MAYMOVE | MREMAP_FIXED,
		      (void *)to->start) == MAP_FAILED
		       ? -errno
		       : 0;
}

/* What the program writes to has changed since it began: it is copied, and the part that was
 * relocated at the start stays read-only. */
static int copy_data(const struct span *data, const struct span *readonly)
{
	struct span first = { data->start, data->start }, rest = *data;
	char *copy = mmap(NULL, size_of(data), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int r;

	if (copy == MAP_FAILED)
		return -errno;
	if (readonly->start == data->start)
		first.end = rest.start = readonly->end;
	memcpy(copy, (const void *)data->start, size_of(data));
	if (size_of(&first) && mprotect(copy, size_of(&first), PROT_READ) < 0)
		return -errno;
	r = move_pages((uintptr_t)copy, &first);
	return r < 0 ? r : move_pages((uintptr_t)copy + size_of(&first), &rest);
}

static int map_again(const struct span *text, int prot, int file, size_t offset)
{
	return mmap((void *)text->start, size_of(text), prot, MAP_PRIVATE | MAP_FIXED, file,
		    (off_t)offset) == MAP_FAILED
		       ? -errno
		       : 0;
}

/* The part of the program that the linker wants read-only after the start. What shares its last
 * page stays writable. */
static struct span find_readonly(const ElfW(Phdr) * headers, size_t n, uintptr_t bias)
{
	for (size_t i = 0; i < n; i++) {
		uintptr_t start = bias + headers[i].p_vaddr;

		if (headers[i].p_type == PT_GNU_RELRO)
			return (struct span){ page_of(start), page_of(start + headers[i].p_memsz) };
	}
	return (struct span){ 0 };
}

/* The program's segments, as its own header lists them. */
static int remap_program(int file)
{
	extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
	const ElfW(Phdr) *headers =
		(const void *)((const char *)&__ehdr_start + __ehdr_start.e_phoff);
	uintptr_t bias = __ehdr_start.e_type == ET_DYN ? (uintptr_t)&__ehdr_start : 0;
	struct span readonly = find_readonly(headers, __ehdr_start.e_phnum, bias);
	int r = 0;

	for (size_t i = 0; i < __ehdr_start.e_phnum && r == 0; i++) {
		const ElfW(Phdr) *p = &headers[i];
		uintptr_t start = bias + p->p_vaddr;
		struct span s = { page_of(start), page_of(start + p->p_filesz + page_size() - 1) };

		if (p->p_type != PT_LOAD)
			continue;
		if (p->p_flags & PF_W)
			r = copy_data(&s, &readonly);
		else
			r = map_again(&s, PROT_READ | (p->p_flags & PF_X ? PROT_EXEC : 0), file,
				      page_of(p->p_offset));
	}
	return r;
}

/* Without CONFIG_CHECKPOINT_RESTORE the kernel knows nothing of it. */
static bool kernel_can_remap(void)
{
	unsigned int size = 0;

	return prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0) == 0 &&
	       size == sizeof(struct prctl_mm_map);
}

int self_remap(int proc, int file, struct berth_error *e)
{
	struct prctl_mm_map map;
	int r;

	if (getauxval(AT_BASE) != 0 || !kernel_can_remap())
		return refuse(e, ENOSYS, "the executing file cannot be changed");
	r = process_memory(proc, &map, e);
	if (r < 0)
		return r;
	r = remap_program(file);
	if (r < 0)
		return fail(e, -r, "map the executing file anew");
	map.exe_fd = (uint32_t)file;
	if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) < 0)
		return fail(e, errno, "change the executing file");
	return 0;
}
