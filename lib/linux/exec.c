/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working directory and program. All of this runs inside the container, as its user: every file
 * here is hostile. So files are read only to explain a failure, a few bytes at a time, and what
 * they contain never decides anything. The texts of exec_find() are those of runc: engines search
 * them to choose between the exit codes 126 and 127.
 */
#include "linux/exec.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "linux/exec_format.h"

int exec_chdir(const char *cwd, struct berth_error *e)
{
	char where[PATH_MAX];

	if (chdir(cwd) < 0)
		return fail(e, errno, "change to working directory %s", cwd);

	/* glibc's getcwd() hides what matters here: the kernel says "(unreachable)" of a directory
	 * outside the root, which a link to an fd of the host, /proc/self/fd/N, would lead to
	 * (CVE-2024-21626). */
	if (syscall(SYS_getcwd, where, sizeof(where)) < 0)
		return fail(e, errno, "ask where working directory %s is", cwd);
	if (where[0] != '/')
		return refuse(e, EPERM, "working directory %s lies outside the root file system",
			      cwd);
	return 0;
}

/* 0 or -errno, as exec itself would judge the file. */
static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static void explain_no_access(const char *path, struct berth_error *e)
{
	struct stat st;
	struct statvfs fs;

	if (stat(path, &st) < 0)
		advise(e, "a directory on the way to %s is closed to this user", path);
	else if (S_ISDIR(st.st_mode))
		advise(e, "%s is a directory", path);
	else if (!S_ISREG(st.st_mode))
		advise(e, "%s is not a regular file", path);
	else if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOEXEC))
		advise(e, "%s lies on a mount with the option noexec", path);
	else if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		advise(e, "%s is not executable for this user", path);
}

/* In the words that engines know. */
static int refuse_program(int err, const char *name, struct berth_error *e)
{
	switch (err) {
	case EACCES:
		refuse(e, err, "exec: \"%s\": permission denied", name);
		explain_no_access(name, e);
		return -err;
	case ENOENT:
		return refuse(e, err, "exec: \"%s\": stat %s: no such file or directory", name,
			      name);
	case ENOTDIR:
		return refuse(e, err, "exec: \"%s\": stat %s: not a directory", name, name);
	case ELOOP:
		return refuse(e, err, "exec: \"%s\": stat %s: too many levels of symbolic links",
			      name, name);
	default:
		return fail(e, err, "exec: \"%s\"", name);
	}
}

static const char *find_search_path(char *const *env)
{
	const char *found = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

	for (; env && *env; env++)
		if (text_starts(*env, "PATH="))
			found = *env + strlen("PATH=");
	return found;
}

static int search_program(const char *name, const char *search, char **ret_path,
			  struct berth_error *e)
{
	autofree char *barred = NULL; /* the first that is there, but may not be executed */

	for (const char *at = search, *end; *name && *search; at = end + 1) {
		end = strchrnul(at, ':');

		autofree char *path = end == at ? text_printf("./%s", name)
						: text_printf("%.*s/%s", (int)(end - at), at, name);

		if (!path)
			return fail(e, ENOMEM, "exec: \"%s\"", name);

		int r = check_program(path);

		if (r == 0) {
			*ret_path = TAKE(path);
			return 0;
		}
		if (r == -EACCES && !barred)
			barred = TAKE(path);
		if (*end == '\0')
			break;
	}
	refuse(e, ENOENT, "exec: \"%s\": executable file not found in $PATH", name);
	if (barred)
		explain_no_access(barred, e);
	return -ENOENT;
}

int exec_find(const char *name, char *const *env, char **ret_path, struct berth_error *e)
{
	if (!strchr(name, '/'))
		return search_program(name, find_search_path(env), ret_path, e);

	int r = check_program(name);

	if (r < 0)
		return refuse_program(-r, name, e);

	char *path = strdup(name);

	if (!path)
		return fail(e, ENOMEM, "exec: \"%s\"", name);
	*ret_path = path;
	return 0;
}

int exec_run(const char *path, char *const *args, char *const *env, struct berth_error *e)
{
	execve(path, args, env);

	int err = errno;
	const char *reason = strerror(err);
	/* Engines look for the kernel's words as Go writes them: "exec /x: no such file or
	 * directory". */
	int r = refuse(e, err, "exec %s: %c%s", path, tolower((unsigned char)reason[0]),
		       reason + 1);

	switch (err) {
	case ENOENT:
	case ENOEXEC:
	case ELIBBAD:
		exec_format_explain(path, err, e);
		break;
	case EACCES:
		explain_no_access(path, e);
		break;
	case E2BIG:
		advise(e, "arguments and environment together may take a quarter of RLIMIT_STACK, "
			  "each of them 128 KiB");
		break;
	case ENOMEM:
		advise(e, "the memory limit of the container is too small for the program");
		break;
	case EAGAIN:
		advise(e, "the user has more processes than RLIMIT_NPROC allows");
		break;
	case ETXTBSY:
		advise(e, "somebody has the file open for writing");
		break;
	case EPERM:
		advise(e, "the security module or the seccomp profile forbids it");
		break;
	default:
		break;
	}
	return r;
}
