/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration decodes to. Most tests use the tables without the checks, so that what this
 * berth cannot do yet is looked at, too. JSON is written with ' for ". What is wrong in a file and
 * how that is told is the golden tests' business (tests/decode).
 */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "oci/json.h"
#include "oci/tables.h"
#include "unit.h"

static struct arena arena;
static struct berth_report *report;

static const char *quoted(const char *json)
{
	static char text[65536];

	ck_assert_uint_lt(strlen(json), sizeof(text));
	for (size_t i = 0; i == 0 || json[i - 1]; i++)
		text[i] = json[i] == '\'' ? '"' : json[i];
	return text;
}

/* By the tables alone. */
static const struct berth_config *decode(const char *json)
{
	static struct berth_config c;
	const char *text = quoted(json);

	c = (struct berth_config){ 0 };
	arena_free(&arena);
	berth_report_free(report);
	assert_ok(json_decode(&(struct json_request){ text, strlen(text), "config.json", NULL,
						      &config_table, &c, &arena, true, NULL, NULL },
			      &report, &error));
	ck_assert_uint_eq(report->n, 0);
	return &c;
}

#define LINUX(x)     decode("{'ociVersion':'1.0.0','linux':{" x "}}")->lin
#define RESOURCES(x) LINUX("'resources':{" x "}")->resources
#define PROCESS(x)   decode("{'ociVersion':'1.0.0','process':{'cwd':'/'," x "}}")->process

START_TEST(top)
{
	const struct berth_config *c = decode("{'ociVersion':'1.3.0','hostname':'h','domainname':'"
					      "d','root':{'path':'r','readonly':true},"
					      "'annotations':{'b':'2','a':''}}");

	ck_assert_str_eq(c->oci_version, "1.3.0");
	ck_assert_str_eq(c->hostname, "h");
	ck_assert_str_eq(c->domainname, "d");
	ck_assert_str_eq(c->root->path, "r");
	ck_assert(c->root->readonly);
	ck_assert_uint_eq(c->annotations.n, 2);
	ck_assert_str_eq(c->annotations.v[0].key, "b");
	ck_assert_str_eq(c->annotations.v[0].value, "2");
	ck_assert_str_eq(c->annotations.v[1].key, "a");
	ck_assert_str_eq(c->annotations.v[1].value, "");
	ck_assert_ptr_null(c->process);
}
END_TEST

START_TEST(process)
{
	const struct config_process *p =
		PROCESS("'terminal':true,'consoleSize':{'height':18446744073709551615,'width':0},'"
			"args':['sh','','-c'],'env':['A=1'],"
			"'noNewPrivileges':true,'apparmorProfile':'p','selinuxLabel':'l','"
			"oomScoreAdj':-1000,"
			"'execCPUAffinity':{'initial':'0-3, 7','final':'1'}");

	ck_assert(p->terminal);
	ck_assert_uint_eq(p->console_size->height, UINT64_MAX);
	ck_assert_uint_eq(p->args.n, 3);
	ck_assert_str_eq(p->args.v[1], "");
	ck_assert_str_eq(p->args.v[2], "-c");
	ck_assert_ptr_null(p->args.v[3]);
	ck_assert_uint_eq(p->env.n, 1);
	ck_assert_ptr_null(p->env.v[1]);
	ck_assert(p->no_new_privileges);
	ck_assert_str_eq(p->apparmor_profile, "p");
	ck_assert_str_eq(p->selinux_label, "l");
	ck_assert(p->oom_score_adj.set);
	ck_assert_int_eq(p->oom_score_adj.v, -1000);
	ck_assert_str_eq(p->exec_cpu_affinity->initial, "0-3, 7");
	ck_assert_str_eq(p->exec_cpu_affinity->final, "1");
	ck_assert_ptr_null(p->capabilities);
	ck_assert(!PROCESS("'args':[]")->oom_score_adj.set);
}
END_TEST

START_TEST(user)
{
	const struct user_spec *u =
		&PROCESS("'user':{'uid':4294967295,'gid':7,'umask':511,'additionalGids':[5,0]}")
			 ->user;

	ck_assert_uint_eq(u->uid, UINT32_MAX);
	ck_assert_uint_eq(u->gid, 7);
	ck_assert(u->has_umask);
	ck_assert_uint_eq(u->umask, 0777);
	ck_assert_uint_eq(u->n_groups, 2);
	ck_assert_uint_eq(u->groups[0], 5);
	ck_assert_uint_eq(u->groups[1], 0);
	ck_assert(!PROCESS("'user':{'uid':1,'gid':1}")->user.has_umask);
}
END_TEST

START_TEST(capabilities)
{
	const struct capability_sets *s = &PROCESS("'capabilities':{'bounding':['CAP_CHOWN','CAP_"
						   "CHECKPOINT_RESTORE'],'ambient':['CAP_KILL'],"
						   "'effective':[],'inheritable':null}")
						   ->capabilities->sets;

	ck_assert_uint_eq(s->bounding,
			  UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_CHECKPOINT_RESTORE);
	ck_assert_uint_eq(s->ambient, UINT64_C(1) << CAP_KILL);
	ck_assert_uint_eq(s->effective | s->permitted | s->inheritable, 0);
}
END_TEST

START_TEST(attributes)
{
	const struct config_process *p =
		PROCESS("'rlimits':[{'type':'RLIMIT_NOFILE','soft':0,'hard':18446744073709551615}],"
			"'ioPriority':{'class':'IOPRIO_CLASS_IDLE','priority':7},"
			"'scheduler':{'policy':'SCHED_DEADLINE','nice':-20,'priority':-1,'runtime':"
			"1,'deadline':2,'period':3,"
			"'flags':['SCHED_FLAG_RESET_ON_FORK','SCHED_FLAG_RECLAIM']}");

	ck_assert_uint_eq(p->rlimits.n, 1);
	ck_assert_int_eq(p->rlimits.v[0].resource, RLIMIT_NOFILE);
	ck_assert_uint_eq(p->rlimits.v[0].soft, 0);
	ck_assert_uint_eq(p->rlimits.v[0].hard, RLIM_INFINITY);
	ck_assert_int_eq(p->io_priority->class, IOPRIO_CLASS_IDLE);
	ck_assert_int_eq(p->io_priority->priority, 7);
	ck_assert_int_eq(p->scheduler->policy, 6);
	ck_assert_int_eq(p->scheduler->nice, -20);
	ck_assert_int_eq(p->scheduler->priority, -1);
	ck_assert_uint_eq(p->scheduler->runtime, 1);
	ck_assert_uint_eq(p->scheduler->deadline, 2);
	ck_assert_uint_eq(p->scheduler->period, 3);
	ck_assert_uint_eq(p->scheduler->flags, 1 | 2);
}
END_TEST

START_TEST(mounts)
{
	const struct berth_config *c =
		decode("{'ociVersion':'1.0.0','mounts':[{'destination':'/a'},{'destination':'/"
		       "b','type':'tmpfs','source':'s',"
		       "'options':['nosuid','rbind','size=1k'],'uidMappings':[{'containerID':0,'"
		       "hostID':1,'size':2}],"
		       "'gidMappings':[{'containerID':3,'hostID':4,'size':5}]}]}");
	const struct mount_spec *m = &c->mounts.v[1];

	ck_assert_uint_eq(c->mounts.n, 2);
	ck_assert_ptr_null(c->mounts.v[0].type);
	ck_assert_ptr_null(c->mounts.v[0].source);
	ck_assert_str_eq(m->destination, "/b");
	ck_assert_str_eq(m->type, "tmpfs");
	ck_assert_str_eq(m->source, "s");
	ck_assert_uint_eq(m->n_options, 3);
	ck_assert_str_eq(m->options[2], "size=1k");
	ck_assert(m->recursive_bind);
	ck_assert(m->attr_set & MOUNT_ATTR_NOSUID);
	ck_assert_uint_eq(m->n_data, 1);
	ck_assert_str_eq(m->data[0], "size=1k");
	ck_assert_uint_eq(m->uids.n, 1);
	ck_assert_uint_eq(m->uids.v[0].host_id, 1);
	ck_assert_uint_eq(m->uids.v[0].size, 2);
	ck_assert_uint_eq(m->gids.v[0].container_id, 3);
}
END_TEST

START_TEST(hooks)
{
	const struct berth_config *c =
		decode("{'ociVersion':'1.0.0','hooks':{'prestart':[{'path':'/"
		       "a'}],'poststop':[{'path':'/b','args':['b','x'],'env':['E=1'],"
		       "'timeout':9},{'path':'/c'}]}}");
	const struct hook *h = c->hooks[HOOK_POSTSTOP].v;

	ck_assert_uint_eq(c->hooks[HOOK_PRESTART].n, 1);
	ck_assert_str_eq(c->hooks[HOOK_PRESTART].v[0].path, "/a");
	ck_assert_uint_eq(c->hooks[HOOK_CREATE_RUNTIME].n, 0);
	ck_assert_uint_eq(c->hooks[HOOK_POSTSTOP].n, 2);
	ck_assert_str_eq(h[0].args.v[1], "x");
	ck_assert_ptr_null(h[0].args.v[2]);
	ck_assert_str_eq(h[0].env.v[0], "E=1");
	ck_assert_int_eq(h[0].timeout, 9);
	ck_assert_int_eq(h[1].timeout, 0);
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		ck_assert_ptr_nonnull(word_of(hook_words, kind));
}
END_TEST

START_TEST(devices)
{
	const struct config_linux *l =
		LINUX("'devices':[{'path':'/dev/"
		      "n','type':'c','major':1,'minor':3,'fileMode':8630,'uid':4,'gid':5},"
		      "{'path':'/dev/"
		      "b','type':'b','major':-1,'minor':9223372036854775807,'fileMode':511},{'path'"
		      ":'/p','type':'p','fileMode':4516}]");
	const struct device_spec *d = l->devices.v;

	ck_assert_uint_eq(l->devices.n, 3);
	ck_assert_str_eq(d[0].path, "/dev/n");
	ck_assert_int_eq(d[0].type, 'c');
	ck_assert(d[0].has_major && d[0].has_minor && d[0].has_mode && d[0].has_uid &&
		  d[0].has_gid);
	ck_assert_int_eq(d[0].minor, 3);
	ck_assert_uint_eq(d[0].mode, 0666);
	ck_assert_uint_eq(d[0].gid, 5);
	ck_assert_int_eq(d[1].type, 'b');
	ck_assert_int_eq(d[1].major, -1);
	ck_assert_int_eq(d[1].minor, INT64_MAX);
	ck_assert_uint_eq(d[1].mode, 0777);
	ck_assert(!d[1].has_uid);
	ck_assert(!d[2].has_major);
	ck_assert_uint_eq(d[2].mode, 0644);
}
END_TEST

START_TEST(linux_parts)
{
	const struct config_linux *l =
		LINUX("'uidMappings':[{'containerID':0,'hostID':4294967294,'size':1}],'sysctl':{'"
		      "net.a/b':'0 1'},'cgroupsPath':'/c',"
		      "'namespaces':[{'type':'network','path':'/"
		      "n'},{'type':'time'}],'netDevices':{'eth0':{'name':'e'},'eth1':{}},"
		      "'rootfsPropagation':'rslave','maskedPaths':['/m'],'readonlyPaths':['/r','/"
		      "s'],'mountLabel':'ml',"
		      "'intelRdt':{'closID':'c','schemata':['L3:0=f'],'l3CacheSchema':'l','"
		      "memBwSchema':'MB:0=1','enableMonitoring':true},"
		      "'memoryPolicy':{'mode':'MPOL_INTERLEAVE','nodes':'0-1','flags':['MPOL_F_"
		      "STATIC_NODES','MPOL_F_RELATIVE_NODES']},"
		      "'personality':{'domain':'LINUX32','flags':[]},'timeOffsets':{'boottime':{'"
		      "secs':-9223372036854775808,'nanosecs':5}}");

	ck_assert_uint_eq(l->uids.v[0].host_id, UINT32_MAX - 1);
	ck_assert_uint_eq(l->gids.n, 0);
	ck_assert_str_eq(l->sysctl.v[0].key, "net.a/b");
	ck_assert_str_eq(l->sysctl.v[0].value, "0 1");
	ck_assert_str_eq(l->cgroups_path, "/c");
	ck_assert_int_eq(l->namespaces.v[0].type, CLONE_NEWNET);
	ck_assert_str_eq(l->namespaces.v[0].path, "/n");
	ck_assert_int_eq(l->namespaces.v[1].type, CLONE_NEWTIME);
	ck_assert_str_eq(l->net_devices.v[0].host_name, "eth0");
	ck_assert_str_eq(l->net_devices.v[0].name, "e");
	ck_assert_ptr_null(l->net_devices.v[1].name);
	ck_assert_uint_eq(l->rootfs_propagation, MS_SLAVE);
	ck_assert_uint_eq(l->masked_paths.n, 1);
	ck_assert_str_eq(l->readonly_paths.v[1], "/s");
	ck_assert_str_eq(l->mount_label, "ml");
	ck_assert_str_eq(l->intel_rdt->schemata[0], "L3:0=f");
	ck_assert_str_eq(l->intel_rdt->mem_bw_schema, "MB:0=1");
	ck_assert(l->intel_rdt->enable_monitoring);
	ck_assert_int_eq(l->memory_policy->mode, MPOL_INTERLEAVE);
	ck_assert_uint_eq(l->memory_policy->flags, MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES);
	ck_assert(l->personality.set);
	ck_assert_uint_eq(l->personality.domain, 8);
	ck_assert(l->boottime.set && !l->monotonic.set);
	ck_assert_int_eq(l->boottime.secs, INT64_MIN);
	ck_assert_uint_eq(l->boottime.nanosecs, 5);
}
END_TEST

START_TEST(seccomp)
{
	const struct seccomp_profile *p =
		LINUX("'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38,'"
		      "architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_AARCH64'],"
		      "'flags':['SECCOMP_FILTER_FLAG_LOG','SECCOMP_FILTER_FLAG_SPEC_ALLOW'],'"
		      "listenerPath':'/l','listenerMetadata':'m',"
		      "'syscalls':[{'names':['a','b'],'action':'SCMP_ACT_ALLOW','args':[{'index':5,"
		      "'value':18446744073709551615,'valueTwo':7,"
		      "'op':'SCMP_CMP_MASKED_EQ'}]},{'names':['c'],'action':'SCMP_ACT_KILL','"
		      "errnoRet':0}]}")
			->seccomp;

	ck_assert_int_eq(p->default_action, SECCOMP_ERRNO);
	ck_assert(p->has_default_errno);
	ck_assert_uint_eq(p->default_errno, 38);
	ck_assert_uint_eq(p->n_architectures, 2);
	ck_assert_uint_eq(p->architectures[1], AUDIT_ARCH_AARCH64);
	ck_assert_uint_eq(p->flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	ck_assert_str_eq(p->listener_path, "/l");
	ck_assert_uint_eq(p->n_rules, 2);
	ck_assert_uint_eq(p->rules[0].n_names, 2);
	ck_assert_str_eq(p->rules[0].names[1], "b");
	ck_assert(!p->rules[0].has_errno);
	ck_assert_uint_eq(p->rules[0].args[0].index, 5);
	ck_assert_uint_eq(p->rules[0].args[0].value, UINT64_MAX);
	ck_assert_uint_eq(p->rules[0].args[0].value_two, 7);
	ck_assert_int_eq(p->rules[0].args[0].op, SECCOMP_MASKED_EQ);
	ck_assert_int_eq(p->rules[1].action, SECCOMP_KILL_THREAD);
	ck_assert(p->rules[1].has_errno);
}
END_TEST

START_TEST(resources)
{
	const struct cgroup_resources *r = RESOURCES(
		"'devices':[{'allow':false,'access':'rwm'},{'allow':true,'type':'c','major':-1,'"
		"minor':3}],"
		"'memory':{'limit':-1,'swap':9223372036854775807,'swappiness':0,'disableOOMKiller':"
		"false},"
		"'cpu':{'shares':1024,'quota':-1,'cpus':'0-1','idle':1},'pids':{'limit':0},"
		"'blockIO':{'weight':65535,'weightDevice':[{'major':8,'minor':1,'leafWeight':10}],"
		"'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':18446744073709551615}]},"
		"'hugepageLimits':[{'pageSize':'2MB','limit':3}],'rdma':{'mlx':{'hcaHandles':4}},'"
		"unified':{'memory.high':'max'},"
		"'network':{'classID':1,'priorities':[{'name':'eth0','priority':2}]}");

	ck_assert_uint_eq(r->devices.n, 2);
	ck_assert(!r->devices.v[0].allow && !r->devices.v[0].type && !r->devices.v[0].major.set);
	ck_assert_str_eq(r->devices.v[1].type, "c");
	ck_assert(r->devices.v[1].major.set);
	ck_assert_int_eq(r->devices.v[1].major.v, -1);
	ck_assert(r->memory->limit.set);
	ck_assert_int_eq(r->memory->limit.v, -1);
	ck_assert_int_eq(r->memory->swap.v, INT64_MAX);
	ck_assert(r->memory->swappiness.set && !r->memory->reservation.set);
	ck_assert(r->memory->disable_oom_killer.set && !r->memory->disable_oom_killer.v);
	ck_assert(!r->memory->use_hierarchy.set);
	ck_assert_uint_eq(r->cpu->shares.v, 1024);
	ck_assert_int_eq(r->cpu->quota.v, -1);
	ck_assert_str_eq(r->cpu->cpus, "0-1");
	ck_assert(r->cpu->idle.set && !r->cpu->burst.set);
	ck_assert(r->pids_limit.set);
	ck_assert_uint_eq(r->block_io->weight.v, UINT16_MAX);
	ck_assert_uint_eq(r->block_io->weight_devices.v[0].leaf_weight.v, 10);
	ck_assert(!r->block_io->weight_devices.v[0].weight.set);
	ck_assert_uint_eq(r->block_io->throttle_write_iops.v[0].rate.v, UINT64_MAX);
	ck_assert_uint_eq(r->block_io->throttle_read_bps.n, 0);
	ck_assert_str_eq(r->hugepages.v[0].page_size, "2MB");
	ck_assert_str_eq(r->rdma.v[0].device, "mlx");
	ck_assert(r->rdma.v[0].handles.set && !r->rdma.v[0].objects.set);
	ck_assert_str_eq(r->unified.v[0].key, "memory.high");
	ck_assert_uint_eq(r->network_class_id.v, 1);
	ck_assert_uint_eq(r->network_priorities.v[0].priority, 2);
	ck_assert(!RESOURCES("'pids':{}")->pids_limit.set);
}
END_TEST

static struct berth_config *config;

static int decode_whole(const char *json)
{
	const char *text = quoted(json);

	return config_decode(text, strlen(text), "config.json", false, &config, NULL, &error);
}

#define WHOLE(x) "{'ociVersion':'1.0.0','root':{'path':'r'}," x "}"

START_TEST(namespaces)
{
	assert_ok(decode_whole(WHOLE("'linux':{'namespaces':[{'type':'mount'},{'type':'pid','path':"
				     "''},{'type':'network','path':'/n'}]}")));
	ck_assert_ptr_nonnull(config_namespace(config, CLONE_NEWNET));
	ck_assert_ptr_null(config_namespace(config, CLONE_NEWUSER));
	ck_assert(config_new_namespace(config, CLONE_NEWNS));
	ck_assert(config_new_namespace(config, CLONE_NEWPID));
	ck_assert(!config_new_namespace(config, CLONE_NEWNET));
	ck_assert(!config_new_namespace(config, CLONE_NEWUSER));
	ck_assert_uint_eq(config_clone_flags(config), CLONE_NEWNS | CLONE_NEWPID);
	ck_assert(config_joins(config));
	berth_config_free(config);

	assert_ok(decode_whole(WHOLE("'linux':null")));
	ck_assert_ptr_nonnull(config->lin);
	ck_assert_uint_eq(config_clone_flags(config), 0);
	ck_assert(!config_joins(config));
	berth_config_free(config);
}
END_TEST

/* yajl makes bytes that are no UTF-8 out of such a key; the place of a finding names it. */
START_TEST(places_are_printable)
{
	static const char text[] = "{\"a\\ud83d\\ud83d\\ude00\\u0007\\u009b\": {\"b\": [1, tru]}}";
	bool found = false;

	assert_fails(config_decode(text, strlen(text), "c", false, &config, &report, &error),
		     EINVAL, "c:1:");
	for (size_t i = 0; i < report->n; i++) {
		ck_assert_msg(text_printable(report->findings[i].pointer), "%s",
			      report->findings[i].pointer);
		found = found ||
			strstr(report->findings[i].pointer, "\\xed\\xb8\\x80\\u0007\\u009b/b");
	}
	ck_assert(found);
	berth_report_free(report);
}
END_TEST

START_TEST(text_is_kept)
{
	char text[] = "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"}}";

	assert_ok(config_decode(text, strlen(text), "config.json", false, &config, NULL, &error));
	memset(text, 'x', strlen(text));
	ck_assert_uint_eq(config->text_length, strlen(text));
	ck_assert_str_eq(config->text, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"}}");
	ck_assert_str_eq(config->root->path, "r");
	berth_config_free(config);
}
END_TEST

/* Findings of a part have the pointer within the part's own file. */
START_TEST(parts_alone)
{
	const char *text = quoted("{'cwd':'x','args':['a'],'user':{'uid':-1,'gid':0}}");

	assert_fails(config_decode_process(text, strlen(text), "p.json", false, &config, &report,
					   &error),
		     EINVAL, "p.json:1:8: /cwd: ");
	ck_assert_uint_eq(report->n_errors, 2);
	ck_assert_str_eq(report->findings[1].pointer, "/user/uid");
	berth_report_free(report);

	text = quoted("{'cwd':'/x','args':['a'],'user':{'uid':1,'gid':0}}");
	assert_ok(
		config_decode_process(text, strlen(text), "p.json", false, &config, NULL, &error));
	ck_assert_str_eq(config->process->cwd, "/x");
	ck_assert_ptr_null(config->root);
	berth_config_free(config);

	text = quoted("{'pids':{'limit':'5'}}");
	assert_fails(
		config_decode_resources(text, strlen(text), "r.json", false, &config, NULL, &error),
		EINVAL, "r.json:1:18: /pids/limit: expected an integer, got a string");
	text = quoted("{'memory':{'limit':-2}}");
	assert_fails(
		config_decode_resources(text, strlen(text), "r.json", false, &config, NULL, &error),
		EINVAL, "r.json:1:20: /memory/limit: expected a number of bytes");
	text = quoted("{'memory':{'swappiness':60}}"); /* an update is there to be carried out */
	assert_fails(
		config_decode_resources(text, strlen(text), "r.json", false, &config, NULL, &error),
		EINVAL, "r.json:1:25: /memory/swappiness: cgroup v2 has no swappiness");
	text = quoted("{'pids':{'limit':5}}");
	assert_ok(config_decode_resources(text, strlen(text), "r.json", false, &config, NULL,
					  &error));
	ck_assert_int_eq(config->lin->resources->pids_limit.v, 5);
	berth_config_free(config);
}
END_TEST

START_TEST(loads_files)
{
	char path[128];

	put_file("config.json", "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"x\":1}");
	assert_ok(berth_config_load(scratch_path(), false, &config, &report, &error));
	ck_assert_uint_eq(report->n, 1);
	(void)snprintf(path, sizeof(path), "%s/config.json", scratch_path());
	ck_assert_str_eq(report->file, path);
	berth_config_free(config);
	berth_report_free(report);

	report = NULL;
	config = NULL;
	assert_fails(berth_config_load(path, true, &config, &report, &error), EINVAL,
		     "/x: unknown property \"x\"");
	ck_assert_ptr_null(config);
	ck_assert_uint_eq(report->n_errors, 1);
	berth_report_free(report);

	report = NULL;
	put_directory("empty");
	(void)snprintf(path, sizeof(path), "%s/empty", scratch_path());
	assert_fails(berth_config_load(path, false, &config, &report, &error), ENOENT,
		     "empty/config.json");
	assert_fails(config_load_file(path, false, &config, &report, &error), EINVAL,
		     "empty is a directory");
	put_directory("empty/config.json");
	assert_fails(berth_config_load(path, false, &config, &report, &error), EINVAL,
		     "empty/config.json is a directory");
	ck_assert_int_eq(mkfifoat(scratch(), "fifo", 0600), 0);
	(void)snprintf(path, sizeof(path), "%s/fifo", scratch_path());
	assert_fails(berth_config_load(path, false, &config, &report, &error), EINVAL,
		     "not a regular file");
	ck_assert_ptr_null(report);
	ck_assert_int_eq(openat(scratch(), "huge", O_WRONLY | O_CREAT, 0600) >= 0, 1);
	(void)snprintf(path, sizeof(path), "%s/huge", scratch_path());
	ck_assert_int_eq(truncate(path, CONFIG_SIZE_MAX + 1), 0);
	assert_fails(berth_config_load(path, false, &config, &report, &error), EFBIG,
		     "larger than");
}
END_TEST

/* A configuration that is cut off anywhere is an error, and no read goes beyond it (sanitizers). */
START_TEST(truncated_anywhere)
{
	const char *text =
		quoted(WHOLE("'process':{'args':['sh\\u0041'],'cwd':'/"
			     "','user':{'uid':10,'gid':0},'oomScoreAdj':-100,'terminal':false},"
			     "'mounts':[{'destination':'/"
			     "tmp','options':['ro']}],'linux':{'namespaces':[{'type':'mount'}],'"
			     "resources':null}"));

	for (size_t n = 0; n < strlen(text); n++) {
		autofree char *part = strndup(text, n);

		assert_fails(config_decode(part, n, "c", false, &config, &report, &error), EINVAL,
			     "c");
		ck_assert_uint_gt(report->n_errors, 0);
		berth_report_free(report);
	}
}
END_TEST

/* Any byte changed to any of these: it decodes, or there is a finding at a place in the text. */
START_TEST(changed_anywhere)
{
	const char *text =
		quoted(WHOLE("'process':{'args':['sh'],'cwd':'/"
			     "','user':{'uid':10,'gid':0},'oomScoreAdj':-1},'hooks':{}"));
	const char changes[] = "\"\\{}[],:0-.ex \n\x80\xff\xe2";
	size_t length = strlen(text);

	for (size_t i = 0; i < length * sizeof(changes); i++) {
		autofree char *changed = strdup(text);
		int r;

		changed[i % length] = changes[i / length];
		r = config_decode(changed, length, "c", false, &config, &report, &error);
		ck_assert_msg(r == 0 || r == -EINVAL, "%s", changed);
		ck_assert_int_eq(r == 0, report->n_errors == 0);
		for (size_t k = 0; k < report->n; k++) {
			ck_assert_uint_le(report->findings[k].column, length + 1);
			ck_assert(text_printable(report->findings[k].text));
		}
		if (r == 0)
			berth_config_free(config);
		berth_report_free(report);
	}
}
END_TEST

static char *repeat(const char *before, const char *item, size_t n, const char *after)
{
	size_t size = strlen(before) + (strlen(item) + 12) * n + strlen(after) + 1;
	char *text = malloc(size), *end = text;

	ck_assert_ptr_nonnull(text);
	end += sprintf(end, "%s", before);
	for (size_t i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		end += sprintf(end, item, i);
#pragma GCC diagnostic pop
		*end++ = i + 1 < n ? ',' : ' ';
	}
	(void)sprintf(end, "%s", after);
	return text;
}

/* Each of these would take minutes in quadratic time. */
START_TEST(much_takes_linear_time)
{
	autofree char *unknown = repeat("{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},",
					"\"k%zu\":1", 500000, "}");
	autofree char *env =
		repeat("{\"args\":[\"a\"],\"cwd\":\"/\",\"env\":[", "\"K%zu=1\"", 200000, "]}");
	autofree char *duplicates = repeat("{", "\"k\":%zu", 300000, "}");
	autofree char *errors =
		repeat("{\"mounts\":[", "{\"uidMappings\":[{}],\"type\":%zu}", 50000, "]}");
	autofree char *values = repeat("{\"x\":[", "%zu", 1100000, "]}");

	assert_ok(config_decode(unknown, strlen(unknown), "c", false, &config, &report, &error));
	ck_assert_uint_eq(report->n, 101);
	ck_assert_str_eq(report->findings[100].text, "and 499900 more warnings");
	berth_config_free(config);
	berth_report_free(report);

	assert_ok(config_decode_process(env, strlen(env), "c", false, &config, NULL, &error));
	ck_assert_str_eq(config->process->env.v[199999], "K199999=1");
	berth_config_free(config);

	assert_fails(
		config_decode(duplicates, strlen(duplicates), "c", false, &config, NULL, &error),
		EINVAL, "duplicate key");
	assert_fails(config_decode(errors, strlen(errors), "c", false, &config, NULL, &error),
		     EINVAL, "(and ");
	assert_fails(config_decode(values, strlen(values), "c", false, &config, NULL, &error),
		     EINVAL, "more than 1048576 values");
}
END_TEST

#ifndef __SANITIZE_ADDRESS__
/* Whether decoding succeeded with that many bytes more than now; whatever is missing, it has to end
 * by itself. */
static bool decodes_within(const char *text, size_t bytes)
{
	struct rlimit limit = { bytes, bytes };
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int r = setrlimit(RLIMIT_DATA, &limit) < 0
				? 1
				: config_decode(text, strlen(text), "c", false, &config, &report,
						&error);

		_exit(r == 0 ? 0 : r == -ENOMEM && error.code == ENOMEM ? 2 : 1);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) != 1, "%zu bytes: status %x", bytes,
		      (unsigned int)status);
	return WEXITSTATUS(status) == 0;
}

START_TEST(without_memory)
{
	autofree char *text =
		repeat("{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"annotations\":{",
		       "\"\\u00e4%zu\":\"\\n\"", 30000, "}}");
	size_t failed = 0;
	int succeeded = 0;

	for (size_t bytes = 1 << 20; bytes < (size_t)24 << 20 && succeeded < 3; bytes += 100000) {
		if (decodes_within(text, bytes))
			succeeded++;
		else
			failed++;
	}
	ck_assert_uint_gt(failed, 10);
	ck_assert_int_eq(succeeded, 3);
}
END_TEST
#define MEMORY_TESTS without_memory,
#else
#define MEMORY_TESTS /* the sanitizer itself needs too much */
#endif

UNIT_MAIN("decode", top, process, user, capabilities, attributes, mounts, hooks, devices,
	  linux_parts, seccomp, resources, namespaces, places_are_printable, text_is_kept,
	  parts_alone, loads_files, truncated_anywhere, changed_anywhere,
	  MEMORY_TESTS much_takes_linear_time)
