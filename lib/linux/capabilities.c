/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capability sets of the calling thread, by the kernel's own calls. libcap is not used: its
 * state is an allocated object, and these functions run where a failed allocation would have to be
 * explained.
 */
#include "linux/capabilities.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

const struct word capability_words[] = {
	{ "CAP_CHOWN", CAP_CHOWN },
	{ "CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE },
	{ "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH },
	{ "CAP_FOWNER", CAP_FOWNER },
	{ "CAP_FSETID", CAP_FSETID },
	{ "CAP_KILL", CAP_KILL },
	{ "CAP_SETGID", CAP_SETGID },
	{ "CAP_SETUID", CAP_SETUID },
	{ "CAP_SETPCAP", CAP_SETPCAP },
	{ "CAP_LINUX_IMMUTABLE", CAP_LINUX_IMMUTABLE },
	{ "CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE },
	{ "CAP_NET_BROADCAST", CAP_NET_BROADCAST },
	{ "CAP_NET_ADMIN", CAP_NET_ADMIN },
	{ "CAP_NET_RAW", CAP_NET_RAW },
	{ "CAP_IPC_LOCK", CAP_IPC_LOCK },
	{ "CAP_IPC_OWNER", CAP_IPC_OWNER },
	{ "CAP_SYS_MODULE", CAP_SYS_MODULE },
	{ "CAP_SYS_RAWIO", CAP_SYS_RAWIO },
	{ "CAP_SYS_CHROOT", CAP_SYS_CHROOT },
	{ "CAP_SYS_PTRACE", CAP_SYS_PTRACE },
	{ "CAP_SYS_PACCT", CAP_SYS_PACCT },
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN },
	{ "CAP_SYS_BOOT", CAP_SYS_BOOT },
	{ "CAP_SYS_NICE", CAP_SYS_NICE },
	{ "CAP_SYS_RESOURCE", CAP_SYS_RESOURCE },
	{ "CAP_SYS_TIME", CAP_SYS_TIME },
	{ "CAP_SYS_TTY_CONFIG", CAP_SYS_TTY_CONFIG },
	{ "CAP_MKNOD", CAP_MKNOD },
	{ "CAP_LEASE", CAP_LEASE },
	{ "CAP_AUDIT_WRITE", CAP_AUDIT_WRITE },
	{ "CAP_AUDIT_CONTROL", CAP_AUDIT_CONTROL },
	{ "CAP_SETFCAP", CAP_SETFCAP },
	{ "CAP_MAC_OVERRIDE", CAP_MAC_OVERRIDE },
	{ "CAP_MAC_ADMIN", CAP_MAC_ADMIN },
	{ "CAP_SYSLOG", CAP_SYSLOG },
	{ "CAP_WAKE_ALARM", CAP_WAKE_ALARM },
	{ "CAP_BLOCK_SUSPEND", CAP_BLOCK_SUSPEND },
	{ "CAP_AUDIT_READ", CAP_AUDIT_READ },
	{ "CAP_PERFMON", CAP_PERFMON },
	{ "CAP_BPF", CAP_BPF },
	{ "CAP_CHECKPOINT_RESTORE", CAP_CHECKPOINT_RESTORE },
	{ NULL, 0 },
};

/* What capget(2) and capset(2) know of a thread. */
struct thread_sets {
	uint64_t effective, permitted, inheritable;
};

static int read_sets(struct thread_sets *ret)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	ret->effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	ret->permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	ret->inheritable = (uint64_t)data[1].inheritable << 32 | data[0].inheritable;
	return 0;
}

static int write_sets(const struct thread_sets *s)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)s->effective, (uint32_t)s->permitted, (uint32_t)s->inheritable },
		{ (uint32_t)(s->effective >> 32), (uint32_t)(s->permitted >> 32),
		  (uint32_t)(s->inheritable >> 32) },
	};

	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static bool has(uint64_t set, int capability)
{
	return set >> capability & 1;
}

bool capability_held(int capability)
{
	struct thread_sets s = { 0 };

	return read_sets(&s) == 0 && has(s.effective, capability);
}

int capabilities_before_user(const struct capability_sets *c, struct berth_error *e)
{
	for (int i = 0; i < 64; i++) {
		if (has(c->bounding, i) || prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL && prctl(PR_CAPBSET_READ, i, 0, 0, 0) < 0)
			break; /* beyond the last one that the kernel has */
		if (errno == EPERM && prctl(PR_CAPBSET_READ, i, 0, 0, 0) <= 0)
			continue; /* not there, or no such capability: nothing to drop */

		int r = fail(e, errno, "drop %s from the bounding set",
			     word_of(capability_words, i));

		if (r == -EPERM)
			advise(e, "this needs CAP_SETPCAP, which root and the creator of a user "
				  "namespace have");
		return r;
	}
	/* Without it the kernel empties the permitted set when the last user id that is 0 goes. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return fail(e, errno, "keep capabilities across the change of user");
	return 0;
}

static uint64_t find_missing_from_bounding(uint64_t wanted)
{
	uint64_t missing = 0;

	for (int i = 0; i < 64; i++)
		if (has(wanted, i) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) != 1)
			missing |= UINT64_C(1) << i;
	return missing;
}

static void warn_left_out(uint64_t set, const char *why)
{
	char names[512] = "";
	size_t length = 0;

	for (const struct word *w = capability_words; w->word; w++) {
		size_t n = strlen(w->word) + 1;

		if (!has(set, (int)w->value) || length + n >= sizeof(names))
			continue;
		names[length] = ' ';
		memcpy(names + length + 1, w->word, n);
		length += n;
	}
	if (set)
		log_warning("capabilities left out:%s (%s)", names, why);
}

/* What of c can be had by a thread that holds `held`; the rest is warned about. */
static void limit_to_held(const struct capability_sets *c, const struct thread_sets *held,
			  struct thread_sets *ret, uint64_t *ret_ambient)
{
	/* As cap_capset() in the kernel has it for a thread whose effective set setuid(2) has
	 * emptied. */
	ret->permitted = c->permitted & held->permitted;
	ret->effective = c->effective & ret->permitted;
	ret->inheritable = c->inheritable & (held->inheritable | (held->permitted & c->bounding));
	*ret_ambient = c->ambient & ret->permitted & ret->inheritable;

	/* Reading the bounding set costs a call for each capability; one that is permitted but not
	 * in it is rare. */
	uint64_t left_out = (c->permitted & ~ret->permitted) | (c->effective & ~ret->effective) |
			    (c->inheritable & ~ret->inheritable) | (c->ambient & ~*ret_ambient) |
			    find_missing_from_bounding(c->bounding & ~held->permitted);

	/* What contradicts itself in the configuration was told when it was checked. */
	warn_left_out(left_out & ~held->permitted,
		      "berth does not hold them itself, so cannot give them");
	warn_left_out(c->inheritable & ~ret->inheritable & held->permitted,
		      "inheritable ones have to be in the bounding set");
}

int capabilities_after_user(const struct capability_sets *c, struct berth_error *e)
{
	struct thread_sets held = { 0 }, wanted;
	uint64_t ambient;
	int r = read_sets(&held);

	if (r < 0)
		return fail(e, -r, "read the capability sets");
	limit_to_held(c, &held, &wanted, &ambient);

	r = write_sets(&wanted);
	if (r < 0)
		return fail(e, -r, "set the effective, permitted and inheritable capabilities");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return fail(e, errno, "clear the ambient capabilities");
	for (int i = 0; i < 64; i++)
		if (has(ambient, i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return fail(e, errno, "raise %s in the ambient set",
				    word_of(capability_words, i));
	return 0;
}

int capabilities_read(struct capability_sets *ret, struct berth_error *e)
{
	struct thread_sets s = { 0 };
	int r = read_sets(&s);

	if (r < 0)
		return fail(e, -r, "read the capability sets");
	*ret = (struct capability_sets){ .effective = s.effective,
					 .permitted = s.permitted,
					 .inheritable = s.inheritable };
	return 0;
}

int capabilities_write(const struct capability_sets *c, struct berth_error *e)
{
	struct thread_sets s = { c->effective, c->permitted, c->inheritable };
	int r = write_sets(&s);

	return r < 0 ? fail(e, -r, "set the capabilities") : 0;
}
