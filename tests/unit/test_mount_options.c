/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option words of mounts: every word does what mount(8) and config.md say, and the later word
 * wins.
 */
#include <stdlib.h>
#include <sys/mount.h>

#include "base/arena.h"
#include "base/text.h"
#include "linux/mount_options.h"

#include "unit.h"

static struct arena arena;
static struct mount_spec spec;

/* Parses a list of options that is given as one text, separated by spaces. */
static int parse(const char *list)
{
	static const char *options[32];
	static char copy[512];
	size_t n = 0;

	ck_assert_uint_lt(strlen(list), sizeof(copy));
	strcpy(copy, list);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		options[n++] = word;
	spec = (struct mount_spec){ .destination = "/x", .options = options, .n_options = n };
	error = (struct berth_error){ 0 };
	return mount_options_parse(&arena, &spec, &error);
}

static void parse_well(const char *list)
{
	ck_assert_msg(parse(list) == 0, "%s: %s", list, error.text);
}

START_TEST(names_are_sorted_and_known)
{
	size_t n;

	for (n = 0; mount_option_words[n].word; n++) {
		if (n > 0)
			ck_assert_str_lt(mount_option_words[n - 1].word,
					 mount_option_words[n].word);
		parse_well(mount_option_words[n].word);
		ck_assert_msg(spec.n_data == 0, "%s went to the file system",
			      mount_option_words[n].word);
	}
}
END_TEST

/* The table of config.md and the list of features.md. */
START_TEST(words_of_the_specification)
{
	static const char *const words[] = {
		"acl",
		"async",
		"atime",
		"bind",
		"defaults",
		"dev",
		"diratime",
		"dirsync",
		"exec",
		"idmap",
		"iversion",
		"lazytime",
		"loud",
		"mand",
		"noacl",
		"noatime",
		"nodev",
		"nodiratime",
		"noexec",
		"noiversion",
		"nolazytime",
		"nomand",
		"norelatime",
		"nostrictatime",
		"nosuid",
		"nosymfollow",
		"private",
		"ratime",
		"rbind",
		"rdev",
		"rdiratime",
		"relatime",
		"remount",
		"rexec",
		"ridmap",
		"rnoatime",
		"rnodev",
		"rnodiratime",
		"rnoexec",
		"rnorelatime",
		"rnostrictatime",
		"rnosuid",
		"rnosymfollow",
		"ro",
		"rprivate",
		"rrelatime",
		"rro",
		"rrw",
		"rshared",
		"rslave",
		"rstrictatime",
		"rsuid",
		"rsymfollow",
		"runbindable",
		"rw",
		"shared",
		"silent",
		"slave",
		"strictatime",
		"suid",
		"symfollow",
		"sync",
		"tmpcopyup",
		"unbindable",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		bool found = false;

		for (size_t j = 0; mount_option_words[j].word; j++)
			found = found || strcmp(words[i], mount_option_words[j].word) == 0;
		ck_assert_msg(found, "%s is missing", words[i]);
	}
}
END_TEST

static const struct {
	const char *list;
	uint64_t set, clear, rset, rclear;
} attributes[] = {
	{ "nosuid nodev noexec", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0,
	  0 },
	{ "suid dev exec", 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, 0 },
	{ "nosuid suid", 0, MOUNT_ATTR_NOSUID, 0, 0 },
	{ "suid nosuid", MOUNT_ATTR_NOSUID, 0, 0, 0 },
	{ "ro", MOUNT_ATTR_RDONLY, 0, 0, 0 },
	{ "ro rw", 0, MOUNT_ATTR_RDONLY, 0, 0 },
	{ "ro defaults", MOUNT_ATTR_RDONLY, 0, 0, 0 },
	{ "nosymfollow nodiratime", MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_NODIRATIME, 0, 0, 0 },
	{ "symfollow diratime", 0, MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_NODIRATIME, 0, 0 },
	{ "noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0, 0 },
	{ "relatime", 0, MOUNT_ATTR__ATIME, 0, 0 },
	{ "strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0 },
	{ "noatime strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0 },
	{ "strictatime atime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0 },
	{ "noatime atime", 0, MOUNT_ATTR__ATIME, 0, 0 },
	{ "atime", 0, MOUNT_ATTR__ATIME, 0, 0 },
	{ "strictatime nostrictatime", 0, MOUNT_ATTR__ATIME, 0, 0 },
	{ "relatime norelatime", 0, 0, 0, 0 },
	{ "norelatime", 0, 0, 0, 0 },
	{ "rro rnosuid", 0, 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0 },
	{ "rrw rexec rdev rsuid", 0, 0, 0,
	  MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC },
	{ "rro rw", 0, MOUNT_ATTR_RDONLY, MOUNT_ATTR_RDONLY, 0 },
	{ "rw rro", 0, 0, MOUNT_ATTR_RDONLY, 0 },
	{ "ro rrw", 0, 0, 0, MOUNT_ATTR_RDONLY },
	{ "noatime ratime", 0, 0, 0, MOUNT_ATTR__ATIME },
	{ "noatime rrelatime", 0, 0, 0, MOUNT_ATTR__ATIME },
	{ "strictatime ratime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, MOUNT_ATTR__ATIME },
	{ "rnoatime rnodiratime", 0, 0, MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME,
	  MOUNT_ATTR__ATIME },
	{ "rstrictatime rnostrictatime", 0, 0, 0, MOUNT_ATTR__ATIME },
	{ "rrelatime rnorelatime", 0, 0, 0, 0 },
	{ "rnosymfollow rdiratime", 0, 0, MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_NODIRATIME },
};

START_TEST(flags_of_the_mount)
{
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		parse_well(attributes[i].list);
		ck_assert_msg(spec.attr_set == attributes[i].set &&
				      spec.attr_clear == attributes[i].clear,
			      "%s: %#lx %#lx", attributes[i].list, spec.attr_set, spec.attr_clear);
		ck_assert_msg(spec.rattr_set == attributes[i].rset &&
				      spec.rattr_clear == attributes[i].rclear,
			      "%s: %#lx %#lx below", attributes[i].list, spec.rattr_set,
			      spec.rattr_clear);
	}
}
END_TEST

START_TEST(flags_of_the_file_system)
{
	parse_well("sync dirsync lazytime mand iversion silent acl ro");
	ck_assert_uint_eq(spec.super_flags, MS_SYNCHRONOUS | MS_DIRSYNC | MS_LAZYTIME |
						    MS_MANDLOCK | MS_I_VERSION | MS_SILENT |
						    MS_POSIXACL | MS_RDONLY);
	ck_assert_uint_eq(spec.super_clear, 0);
	parse_well("sync,mand,ro async,nomand,rw,nolazytime loud noacl noiversion");
	ck_assert_uint_eq(spec.super_flags, 0);
	ck_assert_uint_eq(spec.super_clear, MS_SYNCHRONOUS | MS_MANDLOCK | MS_RDONLY | MS_LAZYTIME |
						    MS_SILENT | MS_POSIXACL | MS_I_VERSION);
}
END_TEST

START_TEST(kinds)
{
	parse_well("bind");
	ck_assert(spec.bind && !spec.recursive_bind && !spec.remount && !spec.copy_up &&
		  !spec.idmap);
	parse_well("rbind bind");
	ck_assert(spec.bind && spec.recursive_bind);
	parse_well("remount tmpcopyup idmap");
	ck_assert(!spec.bind && spec.remount && spec.copy_up && spec.idmap &&
		  !spec.recursive_idmap);
	parse_well("ridmap copy-up");
	ck_assert(spec.copy_up && spec.idmap && spec.recursive_idmap);
}
END_TEST

START_TEST(propagation)
{
	parse_well("slave rshared");
	ck_assert_uint_eq(spec.propagation[0], 0);
	ck_assert_uint_eq(spec.propagation[1], MS_SHARED);
	parse_well("rprivate slave unbindable");
	ck_assert_uint_eq(spec.propagation[0], MS_UNBINDABLE);
	ck_assert_uint_eq(spec.propagation[1], MS_PRIVATE);
}
END_TEST

static const struct {
	const char *list;
	const char *data; /* joined with '|' */
} data[] = {
	{ "nosuid mode=755 size=65536k", "mode=755|size=65536k" },
	{ "size=64k,mode=755,nosuid", "size=64k|mode=755" },
	{ ",,size=1,", "size=1" },
	{ "lowerdir=/a:/b=c,upperdir=/u", "lowerdir=/a:/b=c|upperdir=/u" },
	{ "lowerdir=/a\\,b", "lowerdir=/a\\,b" },
	{ "context=\"u:r:t:s0:c1,c2\" size=1", "context=u:r:t:s0:c1,c2|size=1" },
	{ "upperdir=\"a,b\"", "upperdir=\"a,b\"" },
	{ "x-initrd.mount X-mount.mkdir=0755 newinstance", "newinstance" },
	{ "RO", "RO" },
	{ "size=1 size=2", "size=1|size=2" },
};

START_TEST(data_of_the_file_system)
{
	for (size_t i = 0; i < ARRAY_SIZE(data); i++) {
		char joined[256] = "";

		parse_well(data[i].list);
		for (size_t j = 0; j < spec.n_data; j++) {
			strcat(joined, j > 0 ? "|" : "");
			strcat(joined, spec.data[j]);
		}
		ck_assert_str_eq(joined, data[i].data);
	}
}
END_TEST

START_TEST(parsing_again_starts_afresh)
{
	parse_well("rro size=1 bind private");
	spec.n_options = 0;
	ck_assert_int_eq(mount_options_parse(&arena, &spec, &error), 0);
	ck_assert(!spec.bind && spec.rattr_set == 0 && spec.n_data == 0 &&
		  spec.propagation[0] == 0);
	ck_assert_str_eq(spec.destination, "/x");
}
END_TEST

START_TEST(mapping_in_an_option)
{
	assert_fails(parse("bind idmap=uids=0-1-10"), EINVAL, "uidMappings");
}
END_TEST

UNIT_MAIN("mount_options", names_are_sorted_and_known, words_of_the_specification,
	  flags_of_the_mount, flags_of_the_file_system, kinds, propagation, data_of_the_file_system,
	  parsing_again_starts_afresh, mapping_in_an_option)
