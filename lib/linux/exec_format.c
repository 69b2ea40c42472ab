/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the beginning of a program that would not start: a hostile file, of which at most a few
 * kilobytes are looked at. Only called after a failure.
 */
#include "linux/exec_format.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

#if defined(__x86_64__)
enum { OWN_MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { OWN_MACHINE = EM_AARCH64 };
#else
#error "berth runs on x86_64 and arm64"
#endif

/* As uname(1) and engines' platform names have them. */
static const struct word machine_words[] = {
	{ "i386", EM_386 },
	{ "x86_64", EM_X86_64 },
	{ "arm", EM_ARM },
	{ "arm64", EM_AARCH64 },
	{ "riscv", EM_RISCV },
	{ "powerpc64", EM_PPC64 },
	{ "s390x", EM_S390 },
	{ "mips", EM_MIPS },
	{ "loongarch", EM_LOONGARCH },
	{ "powerpc", EM_PPC },
	{ "m68k", EM_68K },
	{ "sparc64", EM_SPARCV9 },
	{ NULL, 0 },
};

enum { HEAD_MAX = 4096, NAME_MAX_SHOWN = 256 };

/* The first bytes of a program, NUL behind them. */
struct head {
	size_t length;
	union {
		char text[HEAD_MAX + 1];
		unsigned char ident[EI_NIDENT];
		Elf32_Ehdr elf32;
		Elf64_Ehdr elf64;
	};
};

static bool is_elf(const struct head *h)
{
	return h->length >= sizeof(h->elf32) && memcmp(h->ident, ELFMAG, SELFMAG) == 0;
}

/* The text of length `size` at `offset`, if it lies in what was read. */
static bool copy_name(const struct head *h, uint64_t offset, uint64_t size,
		      char name[NAME_MAX_SHOWN])
{
	if (offset > h->length || size > h->length - offset || size == 0 || size > NAME_MAX_SHOWN)
		return false;
	memcpy(name, h->text + offset, size);
	name[size - 1] = '\0';
	return name[0] != '\0';
}

/* PT_INTERP: linkers put it and its text at the very beginning of the file. */
static bool find_loader(const struct head *h, char name[NAME_MAX_SHOWN])
{
	bool is64 = h->ident[EI_CLASS] == ELFCLASS64;
	size_t size = is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	uint64_t at = is64 ? h->elf64.e_phoff : h->elf32.e_phoff;
	unsigned int n = is64 ? h->elf64.e_phnum : h->elf32.e_phnum;

	for (; n > 0 && at <= h->length && size <= h->length - at; n--, at += size) {
		Elf64_Phdr p64;
		Elf32_Phdr p32;

		if (is64) {
			memcpy(&p64, h->text + at, sizeof(p64));
			if (p64.p_type == PT_INTERP)
				return copy_name(h, p64.p_offset, p64.p_filesz, name);
		} else {
			memcpy(&p32, h->text + at, sizeof(p32));
			if (p32.p_type == PT_INTERP)
				return copy_name(h, p32.p_offset, p32.p_filesz, name);
		}
	}
	return false;
}

/* The first word of the "#!" line. A carriage return is part of it, as the kernel sees it. */
static bool find_interpreter(const struct head *h, char name[NAME_MAX_SHOWN])
{
	const char *from = h->text + 2 + strspn(h->text + 2, " \t");
	size_t length = strcspn(from, " \t\n");

	if (length == 0 || length >= NAME_MAX_SHOWN)
		return false;
	memcpy(name, from, length);
	name[length] = '\0';
	return true;
}

static bool read_head(const char *path, struct head *ret)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : pread(fd, ret->text, HEAD_MAX, 0);

	if (n < 0)
		return false;
	ret->length = (size_t)n;
	ret->text[n] = '\0';
	return true;
}

/* `of` is empty for the program itself, else the interpreter whose own part it is. */
static bool explain_missing(const char *name, const char *of, const char *what,
			    struct berth_error *e)
{
	const char *whose = *of ? "the" : "its", *link = *of ? " of " : "";

	if (access(name, F_OK) == 0)
		return false;
	if (name[strlen(name) - 1] == '\r')
		advise(e, "%s first line%s%s ends with a carriage return, as on Windows", whose,
		       link, of);
	else
		advise(e, "%s, %s %s%s%s, does not exist in the container", name, whose, what, link,
		       of);
	return true;
}

/* The interpreter of an interpreter may be what is missing. The kernel gives up after five, too. */
static void explain_not_found(const char *path, struct head *h, struct berth_error *e)
{
	char of[NAME_MAX_SHOWN] = "", name[NAME_MAX_SHOWN];

	for (int depth = 0; depth < 5 && read_head(depth ? of : path, h); depth++) {
		if (is_elf(h)) {
			if (find_loader(h, name))
				(void)explain_missing(name, of, "loader", e);
			return;
		}
		if (!text_starts(h->text, "#!") || !find_interpreter(h, name) ||
		    explain_missing(name, of, "interpreter", e))
			return;
		memcpy(of, name, sizeof(of));
	}
}

static void explain_machine(const struct head *h, struct berth_error *e)
{
	bool foreign = h->ident[EI_DATA] != ELFDATA2LSB;
	unsigned int machine = h->elf32.e_machine; /* at the same place in both classes */

	if (foreign)
		machine = (machine & 0xff) << 8 | machine >> 8;

	const char *theirs = word_of(machine_words, machine);

	if (machine == OWN_MACHINE)
		advise(e, "it is a damaged or unusual ELF file");
	else if (theirs)
		advise(e, "it is a program for %s, and this machine is %s", theirs,
		       word_of(machine_words, OWN_MACHINE));
	else
		advise(e, "it is a program for ELF machine %u, and this machine is %s", machine,
		       word_of(machine_words, OWN_MACHINE));
}

void exec_format_explain(const char *path, int err, struct berth_error *e)
{
	struct head h;

	if (err == ENOENT)
		explain_not_found(path, &h, e);
	else if (!read_head(path, &h))
		return;
	else if (h.length == 0)
		advise(e, "the file is empty");
	else if (is_elf(&h))
		explain_machine(&h, e);
	else if (text_starts(h.text, "#!"))
		advise(e, "its first line names no interpreter, or too long a one");
	else
		advise(e, "it is not an ELF program, and has no \"#!\" line that names an "
			  "interpreter");
}
