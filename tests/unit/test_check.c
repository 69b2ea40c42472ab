/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row a rule: what stands in the configuration, where the finding has to be, and words of it.
 * Rows are JSON with ' for ", put into a small configuration that is fine, or a whole one where
 * they begin with {.
 */
#include <stdio.h>
#include <stdlib.h>

#include <berth/config.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "oci/check.h"
#include "unit.h"

struct row {
	const char *config, *pointer, *words;
};

#define PROCESS(x)   "'process':{'cwd':'/','args':['sh'],'user':{'uid':0,'gid':0}," x "}"
#define USER(x)      "'process':{'cwd':'/','args':['sh'],'user':{" x "}}"
#define LINUX(x)     "'linux':{" x "}"
#define NEW_MOUNT    "'namespaces':[{'type':'mount'}]"
#define MOUNT(x)     "'mounts':[{" x "}],'linux':{" NEW_MOUNT "}"
#define RESOURCES(x) "'linux':{'resources':{" x "}}"
#define SECCOMP(x)   "'linux':{'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'," x "}}"
#define RULE(x)      SECCOMP("'syscalls':[{'names':['read']," x "}]")
#define MAP          "[{'containerID':0,'hostID':1000,'size':10}]"
#define MAPS         "'uidMappings':" MAP ",'gidMappings':" MAP
#define NEW_USER     "'namespaces':[{'type':'mount'},{'type':'user'}]"
#define UIDS(x)      LINUX(NEW_USER ",'gidMappings':" MAP ",'uidMappings':[" x "]")

static char document[1 << 18];

static const char *write_document(const char *config)
{
	const char *base =
		*config == '{' ? "%s" : "{'ociVersion':'1.0.0','root':{'path':'rootfs'},%s}";

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	ck_assert_int_lt(snprintf(document, sizeof(document), base, config), (int)sizeof(document));
#pragma GCC diagnostic pop
	for (char *p = document; *p; p++)
		if (*p == '\'')
			*p = '"';
	return document;
}

static struct berth_report *check(const char *config)
{
	struct berth_config *c = NULL;
	struct berth_report *report = NULL;
	const char *text = write_document(config);
	int r = config_decode(text, strlen(text), "config.json", false, &c, &report, &error);

	ck_assert_msg(r == 0 || r == -EINVAL, "%s: %s", config, error.text);
	ck_assert_ptr_nonnull(report);
	ck_assert_msg((r == 0) == (report->n_errors == 0), "%s", config);
	berth_config_free(c);
	return report;
}

/* Each row gives its finding and no other. */
static void assert_findings(enum berth_finding_level level, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct berth_report *report = check(rows[i].config);
		bool found = false;

		for (size_t j = 0; j < report->n; j++) {
			const struct berth_finding *f = &report->findings[j];

			if (f->level == level && text_equal(f->pointer, rows[i].pointer) &&
			    strstr(f->text, rows[i].words))
				found = true;
			else
				ck_abort_msg("%s: %s: %s", rows[i].config, f->pointer, f->text);
		}
		ck_assert_msg(found, "%s: nothing at %s", rows[i].config, rows[i].pointer);
		berth_report_free(report);
	}
}

static void assert_fine(const char *const *configs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct berth_report *report = check(configs[i]);

		for (size_t j = 0; j < report->n; j++)
			ck_abort_msg("%s: %s: %s", configs[i], report->findings[j].pointer,
				     report->findings[j].text);
		berth_report_free(report);
	}
}

#define ERRORS(...)                                                             \
	do {                                                                    \
		static const struct row rows_[] = { __VA_ARGS__ };              \
                                                                                \
		assert_findings(BERTH_FINDING_ERROR, rows_, ARRAY_SIZE(rows_)); \
	} while (0)
#define WARNINGS(...)                                                             \
	do {                                                                      \
		static const struct row rows_[] = { __VA_ARGS__ };                \
                                                                                  \
		assert_findings(BERTH_FINDING_WARNING, rows_, ARRAY_SIZE(rows_)); \
	} while (0)
#define FINE(...)                                                      \
	do {                                                           \
		static const char *const configs_[] = { __VA_ARGS__ }; \
                                                                       \
		assert_fine(configs_, ARRAY_SIZE(configs_));           \
	} while (0)

#define VERSION(v) "{'ociVersion':'" v "','root':{'path':'rootfs'}}"

START_TEST(version)
{
	FINE(VERSION("1.0.0"), VERSION("1.0.2-dev"), VERSION("1.99.7"), VERSION("1.0.0-rc.1+b.01"),
	     VERSION("1.0.0-0a.x-y"));
	ERRORS({ VERSION("2.0.0"), "/ociVersion", "not supported" },
	       { VERSION("10.0.0"), "/ociVersion", "not supported" },
	       { VERSION("1"), "/ociVersion", "no version" },
	       { VERSION("1.0"), "/ociVersion", "no version" },
	       { VERSION("1.0.0.0"), "/ociVersion", "no version" },
	       { VERSION("v1.0.0"), "/ociVersion", "no version" },
	       { VERSION("1.0.01"), "/ociVersion", "no version" },
	       { VERSION("1.0.0-"), "/ociVersion", "no version" },
	       { VERSION("1.0.0-a..b"), "/ociVersion", "no version" },
	       { VERSION("1.0.0-01"), "/ociVersion", "no version" },
	       { VERSION("1.0.0+"), "/ociVersion", "no version" },
	       { VERSION("1.0.0 "), "/ociVersion", "no version" });
	WARNINGS({ VERSION("0.5.0-dev"), "/ociVersion", "older" });
}
END_TEST

START_TEST(root_and_names)
{
	ERRORS({ "{'ociVersion':'1.0.0'}", "/root", "needs a root" },
	       { "'hostname':'x'", "/hostname", "host's own name" },
	       { "'domainname':'x'", "/domainname", "host's own name" },
	       { "'hostname':'"
		 "0123456789012345678901234567890123456789012345678901234567890123x',"
		 "'linux':{'namespaces':[{'type':'uts'}]}",
		 "/hostname", "65 bytes" },
	       { "{'ociVersion':'1.0.0','root':{'path':'r','readonly':true}}", "/root/readonly",
		 "without a mount namespace" },
	       { "{'ociVersion':'1.0.0','root':{'path':'/x/..'},'linux':{" NEW_MOUNT "}}",
		 "/root/path", "host's own root" });
	FINE("{'ociVersion':'1.0.0','root':{'path':'/'}}",
	     "'hostname':'x','domainname':'y','linux':{'namespaces':[{'type':'uts'}]}",
	     "'hostname':'x','linux':{'namespaces':[{'type':'uts','path':'/proc/1/ns/uts'}]}",
	     "'hostname':''",
	     "{'ociVersion':'1.0.0','root':{'path':'r','readonly':true},'linux':{" NEW_MOUNT "}}");
}
END_TEST

START_TEST(hooks_and_annotations)
{
	ERRORS({ "'hooks':{'poststop':[{'path':'/a'},{'path':'b'}]}", "/hooks/poststop/1/path",
		 "absolute" },
	       { "'hooks':{'prestart':[{'path':'/a','timeout':0}]}", "/hooks/prestart/0/timeout",
		 "" },
	       { "'hooks':{'prestart':[{'path':'/a','timeout':-1}]}", "/hooks/prestart/0/timeout",
		 "" },
	       { "'annotations':{'':'x'}", "/annotations/", "must not be empty" });
	FINE("'hooks':{'startContainer':[{'path':'/a','timeout':1,'args':[],'env':['A=b']}]}",
	     "'annotations':{'a':'','a/b~c':'d'}");
}
END_TEST

START_TEST(process)
{
	FINE("'annotations':{}", PROCESS("'env':['A=b','C=']"));
	ERRORS({ "'process':{'cwd':'/','user':{'uid':0,'gid':0}}", "/process/args", "" },
	       { "'process':{'cwd':'/','args':[],'user':{'uid':0,'gid':0}}", "/process/args", "" },
	       { "'process':{'cwd':'x','args':['sh'],'user':{'uid':0,'gid':0}}", "/process/cwd",
		 "absolute" },
	       { PROCESS("'commandLine':'x'"), "/process/commandLine", "Windows" },
	       { PROCESS("'oomScoreAdj':1001"), "/process/oomScoreAdj", "" },
	       { PROCESS("'oomScoreAdj':-1001"), "/process/oomScoreAdj", "" });
	WARNINGS({ PROCESS("'env':['A=b','C']"), "/process/env/1", "NAME=VALUE" },
		 { PROCESS("'env':['=b']"), "/process/env/0", "no name" });
}
END_TEST

START_TEST(user)
{
	FINE(USER("'uid':4294967294,'gid':4294967294,'umask':511,'additionalGids':[0,1]"),
	     USER("'uid':9,'gid':9") "," LINUX(NEW_USER "," MAPS));
	ERRORS({ USER("'uid':4294967295,'gid':0"), "/process/user/uid", "-1" },
	       { USER("'uid':0,'gid':4294967295"), "/process/user/gid", "-1" },
	       { USER("'uid':0,'gid':0,'additionalGids':[1,4294967295]"),
		 "/process/user/additionalGids/1", "-1" },
	       { USER("'uid':0,'gid':0,'umask':512"), "/process/user/umask", "" },
	       { USER("'uid':10,'gid':0") "," LINUX(NEW_USER "," MAPS), "/process/user/uid",
		 "linux.uidMappings" },
	       { USER("'uid':0,'gid':10") "," LINUX(NEW_USER "," MAPS), "/process/user/gid",
		 "linux.gidMappings" },
	       { USER("'uid':0,'gid':0,'additionalGids':[10]") "," LINUX(NEW_USER "," MAPS),
		 "/process/user/additionalGids/0", "linux.gidMappings" });
}
END_TEST

START_TEST(console_size)
{
	FINE(PROCESS("'consoleSize':{'height':70000,'width':70000}"),
	     PROCESS("'terminal':true,'consoleSize':{'height':65535,'width':65535}"));
	ERRORS({ PROCESS("'terminal':true,'consoleSize':{'height':65536,'width':1}"),
		 "/process/consoleSize/height", "65535" },
	       { PROCESS("'terminal':true,'consoleSize':{'height':1,'width':65536}"),
		 "/process/consoleSize/width", "65535" });
}
END_TEST

#define RLIMIT(type, soft, hard) "{'type':'RLIMIT_" type "','soft':" soft ",'hard':" hard "}"

START_TEST(rlimits)
{
	FINE(PROCESS("'rlimits':[" RLIMIT("CORE", "1", "1") "," RLIMIT("CPU", "1", "2") "]"),
	     PROCESS("'rlimits':[" RLIMIT("AS", "18446744073709551615",
					  "18446744073709551615") "]"));
	ERRORS({ PROCESS("'rlimits':[" RLIMIT("CORE", "1", "1") "," RLIMIT("CORE", "1", "2") "]"),
		 "/process/rlimits/1/type", "RLIMIT_CORE is there twice" },
	       { PROCESS("'rlimits':[" RLIMIT("CORE", "2", "1") "]"), "/process/rlimits/0/soft",
		 "above" });
}
END_TEST

START_TEST(capabilities)
{
	FINE(PROCESS("'capabilities':{'permitted':['CAP_KILL'],'effective':['CAP_KILL'],"
		     "'bounding':['CAP_KILL'],'inheritable':['CAP_KILL'],'ambient':['CAP_KILL']}"),
	     "'process':{'cwd':'/','args':['sh'],'user':{'uid':1,'gid':0},"
	     "'capabilities':{'permitted':['CAP_KILL']}}",
	     PROCESS("'capabilities':{}"));
	WARNINGS({ PROCESS("'capabilities':{'effective':['CAP_KILL']}"),
		   "/process/capabilities/effective", "CAP_KILL is left out" },
		 { PROCESS("'capabilities':{'permitted':['CAP_KILL'],'bounding':['CAP_CHOWN']}"),
		   "/process/capabilities/permitted", "not bounding" },
		 { PROCESS("'capabilities':{'permitted':['CAP_KILL'],'bounding':['CAP_KILL'],'"
			   "ambient':['CAP_KILL']}"),
		   "/process/capabilities/ambient", "inheritable" },
		 { PROCESS("'capabilities':{'inheritable':['CAP_KILL'],'ambient':['CAP_KILL']}"),
		   "/process/capabilities/ambient", "CAP_KILL" },
		 { PROCESS("'capabilities':{'ambient':['CAP_KILL','CAP_CHOWN']}"),
		   "/process/capabilities/ambient", "CAP_CHOWN, CAP_KILL are left out" });
}
END_TEST

#define SCHEDULER(x) PROCESS("'scheduler':{'policy':'SCHED_" x "}")

START_TEST(scheduling)
{
	FINE(SCHEDULER("OTHER','nice':-20"), SCHEDULER("BATCH','nice':19"),
	     SCHEDULER("FIFO','priority':99"), SCHEDULER("RR','priority':1"),
	     SCHEDULER("DEADLINE','runtime':1024,'deadline':1024"),
	     SCHEDULER("DEADLINE','runtime':2000,'deadline':3000,'period':3000"),
	     PROCESS("'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':7}"),
	     PROCESS("'execCPUAffinity':{'initial':'0-3, 7','final':'1'}"));
	ERRORS({ SCHEDULER("OTHER','nice':-21"), "/process/scheduler/nice", "-20 to 19" },
	       { SCHEDULER("OTHER','nice':20"), "/process/scheduler/nice", "-20 to 19" },
	       { SCHEDULER("OTHER','priority':1"), "/process/scheduler/priority", "SCHED_FIFO" },
	       { SCHEDULER("FIFO'"), "/process/scheduler/priority", "1 to 99" },
	       { SCHEDULER("RR','priority':100"), "/process/scheduler/priority", "1 to 99" },
	       { SCHEDULER("ISO'"), "/process/scheduler/policy", "SCHED_ISO" },
	       { SCHEDULER("OTHER','period':1"), "/process/scheduler/policy", "SCHED_DEADLINE" },
	       { SCHEDULER("DEADLINE','runtime':1023,'deadline':2000"),
		 "/process/scheduler/runtime", "1024" },
	       { SCHEDULER("DEADLINE','runtime':2000"), "/process/scheduler/deadline", "" },
	       { SCHEDULER("DEADLINE','runtime':2000,'deadline':1999"),
		 "/process/scheduler/deadline", "" },
	       { SCHEDULER("DEADLINE','runtime':2000,'deadline':3000,'period':2999"),
		 "/process/scheduler/period", "" },
	       { PROCESS("'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':8}"),
		 "/process/ioPriority/priority", "" },
	       { PROCESS("'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':-1}"),
		 "/process/ioPriority/priority", "" },
	       { PROCESS("'execCPUAffinity':{'initial':'3-1'}"), "/process/execCPUAffinity/initial",
		 "0-3,7" },
	       { PROCESS("'execCPUAffinity':{'final':'99999'}"), "/process/execCPUAffinity/final",
		 "8191" });
}
END_TEST

START_TEST(namespaces)
{
	ERRORS({ LINUX("'namespaces':[{'type':'pid'},{'type':'pid','path':'/x'}]"),
		 "/linux/namespaces/1/type", "\"pid\" is there twice" },
	       { LINUX("'namespaces':[{'type':'pid','path':'x'}]"), "/linux/namespaces/0/path",
		 "absolute" });
	FINE(LINUX("'namespaces':[{'type':'pid','path':'/proc/1/ns/pid'},{'type':'time'}]"));
}
END_TEST

START_TEST(maps)
{
	FINE(LINUX(NEW_USER "," MAPS), LINUX("'uidMappings':[],'gidMappings':[]"),
	     UIDS("{'containerID':0,'hostID':1,'size':1},{'containerID':1,'hostID':0,'size':1}"),
	     UIDS("{'containerID':0,'hostID':0,'size':4294967295}"),
	     LINUX("'namespaces':[{'type':'user','path':'/x'}]"));
	ERRORS({ LINUX("'uidMappings':" MAP), "/linux/uidMappings", "\"user\"" },
	       { LINUX("'gidMappings':" MAP), "/linux/gidMappings", "\"user\"" },
	       { LINUX("'namespaces':[{'type':'user'}],'gidMappings':" MAP), "/linux/uidMappings",
		 "needs a mapping" },
	       { LINUX("'namespaces':[{'type':'user'}],'uidMappings':" MAP), "/linux/gidMappings",
		 "needs a mapping" },
	       { UIDS("{'containerID':0,'hostID':0,'size':0}"), "/linux/uidMappings/0/size",
		 "no ids" },
	       { UIDS("{'containerID':1,'hostID':0,'size':4294967295}"),
		 "/linux/uidMappings/0/size", "4294967294" },
	       { UIDS("{'containerID':0,'hostID':4294967290,'size':6}"),
		 "/linux/uidMappings/0/size", "4294967294" },
	       { UIDS("{'containerID':0,'hostID':0,'size':5},{'containerID':4,'hostID':9,'size':"
		      "1}"),
		 "/linux/uidMappings/1/containerID", "mapping 0" },
	       { UIDS("{'containerID':5,'hostID':5,'size':5},{'containerID':0,'hostID':4,'size':"
		      "2}"),
		 "/linux/uidMappings/1/hostID", "mapping 0" });
	WARNINGS({ LINUX("'namespaces':[{'type':'user','path':'/x'}],'uidMappings':" MAP),
		   "/linux/uidMappings", "joined" });
}
END_TEST

START_TEST(too_many_maps)
{
	static char config[341 * 64];
	size_t length = (size_t)sprintf(config, "'linux':{" NEW_USER ",'gidMappings':" MAP
						",'uidMappings':[");

	for (int i = 0; i < 341; i++)
		length += (size_t)sprintf(config + length,
					  "%s{'containerID':%d,'hostID':%d,'size':1}", i ? "," : "",
					  i, i);
	(void)sprintf(config + length, "]}");
	const struct row row = { config, "/linux/uidMappings", "at most 340" };

	assert_findings(BERTH_FINDING_ERROR, &row, 1);
}
END_TEST

START_TEST(mounts)
{
	FINE(MOUNT("'destination':'/x','type':'tmpfs'"),
	     MOUNT("'destination':'/x','type':'tmpfs','options':['tmpcopyup']"),
	     MOUNT("'destination':'/x','source':'y','options':['bind']"),
	     MOUNT("'destination':'/x','type':'bind','source':'y','options':['rbind']"),
	     MOUNT("'destination':'/x','options':['remount','ro']"),
	     MOUNT("'destination':'/','options':['remount','bind','ro']"),
	     MOUNT("'destination':'/a/../b','type':'tmpfs'"));
	ERRORS({ MOUNT("'destination':'/','type':'tmpfs'"), "/mounts/0/destination", "root.path" },
	       { MOUNT("'destination':'/a/..//.','type':'tmpfs'"), "/mounts/0/destination",
		 "root.path" },
	       { MOUNT("'destination':'/x'"), "/mounts/0/type", "file-system type" },
	       { MOUNT("'destination':'/x','type':'bind','source':'/y'"), "/mounts/0/type",
		 "no bind mount" },
	       { MOUNT("'destination':'/x','type':'none','source':'/y','options':['ro']"),
		 "/mounts/0/type", "no bind mount" },
	       { MOUNT("'destination':'/x','options':['rbind']"), "/mounts/0/source", "source" },
	       { MOUNT("'destination':'/x','source':'','options':['rbind']"), "/mounts/0/source",
		 "source" },
	       { MOUNT("'destination':'/x','type':'sysfs','options':['tmpcopyup']"),
		 "/mounts/0/options", "tmpfs" });
	FINE(MOUNT("'destination':'/x','type':'none','options':['remount','ro']"),
	     MOUNT("'destination':'/x','type':'cgroup','options':['ro']"),
	     "'mounts':[{'destination':'/x','type':'cgroup'}],"
	     "'linux':{'namespaces':[{'type':'mount'},{'type':'cgroup'}]}");
	WARNINGS({ MOUNT("'destination':'x','type':'tmpfs'"), "/mounts/0/destination",
		   "deprecated" },
		 { MOUNT("'destination':'/x','source':'/y','options':['bind','readonly']"),
		   "/mounts/0/options", "\"readonly\" has no effect on a bind mount" },
		 { MOUNT("'destination':'/x','source':'/y','options':['rbind','RO']"),
		   "/mounts/0/options", "did you mean ro?" },
		 { MOUNT("'destination':'/x','source':'/y','options':['rbind','dirsync']"),
		   "/mounts/0/options", "whole file system" },
		 { MOUNT("'destination':'/x','type':'cgroup'"), "/mounts/0/options", "read-only" });
}
END_TEST

#define ON_PROC(d) MOUNT("'destination':'" d "','source':'/x','options':['bind']")

START_TEST(mounts_on_proc)
{
	FINE(MOUNT("'destination':'/proc','type':'proc'"),
	     MOUNT("'destination':'/proc/','type':'proc'"),
	     MOUNT("'destination':'/proc','source':'/proc','options':['rbind']"),
	     ON_PROC("/proc/cpuinfo"), ON_PROC("/proc/uptime"), ON_PROC("/proc/net/dev"),
	     ON_PROC("/proc/sys/kernel/ns_last_pid"), ON_PROC("/procx/y"));
	ERRORS({ MOUNT("'destination':'/proc','type':'tmpfs'"), "/mounts/0/destination",
		 "\"proc\"" },
	       { ON_PROC("/proc"), "/mounts/0/destination", "\"proc\"" },
	       { ON_PROC("/x/../proc/."), "/mounts/0/destination", "\"proc\"" },
	       { ON_PROC("/proc/sys"), "/mounts/0/destination", "/proc/sys" },
	       { ON_PROC("/proc/cpuinfo/../sysrq-trigger"), "/mounts/0/destination",
		 "sysrq-trigger" },
	       { ON_PROC("/proc/self/attr/exec"), "/mounts/0/destination", "/proc/self" },
	       { ON_PROC("/proc/meminfox"), "/mounts/0/destination", "linux.maskedPaths" },
	       { MOUNT("'destination':'/proc/x','type':'proc'"), "/mounts/0/destination",
		 "/proc/x" });
}
END_TEST

#define IDMAP(x) MOUNT("'destination':'/x','source':'/y','options':['bind','idmap']" x)

START_TEST(mounts_with_maps)
{
	FINE(IDMAP("," MAPS),
	     "'mounts':[{'destination':'/x','source':'/y','options':['rbind','ridmap']}],"
	     "'linux':{" NEW_USER "," MAPS "}",
	     "'mounts':[{'destination':'/x','source':'/y','options':['rbind','ridmap']}],"
	     "'linux':{'namespaces':[{'type':'mount'},{'type':'user','path':'/x'}]}");
	ERRORS({ IDMAP(""), "/mounts/0/options", "idmap has no mapping" },
	       { IDMAP(",'uidMappings':" MAP), "/mounts/0/gidMappings", "" },
	       { IDMAP(",'gidMappings':" MAP), "/mounts/0/uidMappings", "" },
	       { IDMAP(",'gidMappings':" MAP
		       ",'uidMappings':[{'containerID':0,'hostID':0,'size':0}]"),
		 "/mounts/0/uidMappings/0/size", "no ids" });
	WARNINGS({ MOUNT("'destination':'/x','source':'/y','options':['bind']," MAPS),
		   "/mounts/0/options", "ridmap" });
}
END_TEST

START_TEST(too_many_groups)
{
	static char config[256 + 2 * 65537];
	size_t length =
		(size_t)sprintf(config, "'process':{'cwd':'/','args':['sh'],'user':{'uid':0,"
					"'gid':0,'additionalGids':[0");

	for (int i = 1; i < 65537; i++, length += 2)
		memcpy(config + length, ",0", 2);
	(void)sprintf(config + length, "]}}");
	const struct row row = { config, "/process/user/additionalGids", "at most 65536" };

	assert_findings(BERTH_FINDING_ERROR, &row, 1);
}
END_TEST

#define JOINED "'namespaces':[{'type':'mount','path':'/x'}]"

START_TEST(mounting_needs_a_new_namespace)
{
	ERRORS({ "'mounts':[{'destination':'/x','type':'tmpfs'}]", "/mounts", "host's" },
	       { LINUX("'maskedPaths':['/x']"), "/linux/maskedPaths", "host's" },
	       { LINUX("'readonlyPaths':['/x']"), "/linux/readonlyPaths", "host's" },
	       { LINUX("'rootfsPropagation':'slave'"), "/linux/rootfsPropagation", "host's" },
	       { "'mounts':[{'destination':'/x','type':'tmpfs'}],'linux':{" JOINED "}", "/mounts",
		 "joined" },
	       { LINUX(NEW_MOUNT ",'maskedPaths':['/x','x']"), "/linux/maskedPaths/1", "absolute" },
	       { LINUX(NEW_MOUNT ",'readonlyPaths':['x']"), "/linux/readonlyPaths/0", "absolute" },
	       { LINUX(NEW_MOUNT ",'maskedPaths':['/x/..']"), "/linux/maskedPaths/0", "mask what" },
	       { LINUX(NEW_MOUNT ",'readonlyPaths':['//']"), "/linux/readonlyPaths/0",
		 "root.readonly" });
	FINE(LINUX(NEW_MOUNT ",'maskedPaths':['/x'],'readonlyPaths':['/x'],"
			     "'rootfsPropagation':'unbindable'"),
	     LINUX("'maskedPaths':[],'readonlyPaths':[]"));
}
END_TEST

#define DEVICES(x) LINUX("'devices':[" x "]")
#define DEVICE(x)  DEVICES("{'path':'/dev/x'," x "}")

START_TEST(devices)
{
	FINE(DEVICE("'type':'c','major':0,'minor':0"), DEVICE("'type':'p'"),
	     DEVICE("'type':'b','major':4095,'minor':1048575,'fileMode':511,'uid':0,'gid':0"),
	     DEVICES("{'path':'/dev/null','type':'c','major':1,'minor':3}"));
	ERRORS({ DEVICE("'type':'c','minor':0"), "/linux/devices/0/major", "required" },
	       { DEVICE("'type':'u','major':0"), "/linux/devices/0/minor", "required" },
	       { DEVICE("'type':'c','major':-1,'minor':0"), "/linux/devices/0/major", "4095" },
	       { DEVICE("'type':'c','major':4096,'minor':0"), "/linux/devices/0/major", "4095" },
	       { DEVICE("'type':'c','major':0,'minor':-1"), "/linux/devices/0/minor", "1048575" },
	       { DEVICE("'type':'c','major':0,'minor':1048576"), "/linux/devices/0/minor",
		 "1048575" },
	       { DEVICE("'type':'p','uid':4294967295"), "/linux/devices/0/uid", "no id" },
	       { DEVICE("'type':'p','gid':4294967295"), "/linux/devices/0/gid", "no id" },
	       { DEVICES("{'path':'dev/x','type':'p'}"), "/linux/devices/0/path", "absolute" },
	       { DEVICES("{'path':'/a','type':'p'},{'path':'/b','type':'p'},"
			 "{'path':'/a','type':'p'}"),
		 "/linux/devices/2/path", "device 0" });
}
END_TEST

#define SYSCTL(ns, x) LINUX("'namespaces':[" ns "],'sysctl':{" x "}")

START_TEST(sysctl)
{
	FINE(SYSCTL("{'type':'network'}", "'net.ipv4.ip_forward':'1'"),
	     SYSCTL("{'type':'network','path':'/x'}", "'net/ipv4/ip_forward':'1'"),
	     SYSCTL("{'type':'ipc'}", "'kernel.shmmax':'1','fs.mqueue.msg_max':'2'"),
	     SYSCTL("{'type':'uts'}", "'kernel.hostname':'x','kernel.domainname':'y'"),
	     "'hostname':'x'," SYSCTL("{'type':'uts'}", "'kernel.hostname':'x'"));
	ERRORS({ SYSCTL("", "'net.ipv4.ip_forward':'1'"), "/linux/sysctl/net.ipv4.ip_forward",
		 "\"network\"" },
	       { SYSCTL("", "'net/ipv4/ip_forward':'1'"), "/linux/sysctl/net~1ipv4~1ip_forward",
		 "\"network\"" },
	       { SYSCTL("{'type':'uts'}", "'kernel.shmmax':'1'"), "/linux/sysctl/kernel.shmmax",
		 "\"ipc\"" },
	       { SYSCTL("", "'kernel.hostname':'x'"), "/linux/sysctl/kernel.hostname", "\"uts\"" },
	       { SYSCTL("{'type':'network'}", "'kernel.core_pattern':'|/x'"),
		 "/linux/sysctl/kernel.core_pattern", "change the host" },
	       { SYSCTL("{'type':'network'}", "'net/../kernel/core_pattern':'|/x'"),
		 "/linux/sysctl/net~1..~1kernel~1core_pattern", "no name" },
	       { SYSCTL("{'type':'network'}", "'net.ipv4.ip_forward':'1\\n'"),
		 "/linux/sysctl/net.ipv4.ip_forward", "one line" },
	       { SYSCTL("{'type':'network'}", "'net.ipv4.ip_forward':''"),
		 "/linux/sysctl/net.ipv4.ip_forward", "empty" },
	       { "'hostname':'a'," SYSCTL("{'type':'uts'}", "'kernel.hostname':'b'"),
		 "/linux/sysctl/kernel.hostname", "\"hostname\"" },
	       { "'domainname':'a'," SYSCTL("{'type':'uts'}", "'kernel.domainname':'b'"),
		 "/linux/sysctl/kernel.domainname", "\"domainname\"" });
}
END_TEST

#define NET(x) LINUX("'namespaces':[{'type':'network'}],'netDevices':{" x "}")

START_TEST(net_devices)
{
	FINE(NET("'eth0':{},'eth1':{'name':'a'}"), NET("'a':{'name':'b'},'b':{'name':'a'}"),
	     NET("'a':{'name':'x%d'},'b':{'name':'x%d'}"));
	ERRORS({ NET("'':{}"), "/linux/netDevices/", "" },
	       { NET("'..':{}"), "/linux/netDevices/..", "no name" },
	       { NET("'a/b':{}"), "/linux/netDevices/a~1b", "no name" },
	       { NET("'a:b':{}"), "/linux/netDevices/a:b", "no name" },
	       { NET("'a b':{}"), "/linux/netDevices/a b", "no name" },
	       { NET("'a%d':{}"), "/linux/netDevices/a%d", "no name" },
	       { NET("'0123456789abcdef':{}"), "/linux/netDevices/0123456789abcdef", "no name" },
	       { NET("'a':{'name':'%d%d'}"), "/linux/netDevices/a/name", "no name" },
	       { NET("'a':{'name':'.'}"), "/linux/netDevices/a/name", "no name" },
	       { NET("'a':{'name':'b'},'b':{}"), "/linux/netDevices/b", "a gets this name" });
	WARNINGS({ LINUX("'netDevices':{'eth0':{}}"), "/linux/netDevices", "\"network\"" });
}
END_TEST

START_TEST(time_offsets)
{
	FINE(LINUX("'namespaces':[{'type':'time'}],"
		   "'timeOffsets':{'boottime':{'secs':-5,'nanosecs':999999999}}"));
	ERRORS({ LINUX("'timeOffsets':{'boottime':{'secs':1}}"), "/linux/timeOffsets", "\"time\"" },
	       { LINUX("'namespaces':[{'type':'time','path':'/x'}],"
		       "'timeOffsets':{'monotonic':{'secs':1}}"),
		 "/linux/timeOffsets", "new time namespace" },
	       { LINUX("'namespaces':[{'type':'time'}],"
		       "'timeOffsets':{'monotonic':{'nanosecs':1000000000}}"),
		 "/linux/timeOffsets/monotonic/nanosecs", "999999999" });
}
END_TEST

#define POLICY(mode, x) LINUX("'memoryPolicy':{'mode':'MPOL_" mode "'" x "}")

START_TEST(memory_policy)
{
	FINE(POLICY("DEFAULT", ""), POLICY("LOCAL", ""), POLICY("PREFERRED", ""),
	     POLICY("BIND", ",'nodes':'0-1','flags':['MPOL_F_NUMA_BALANCING']"),
	     POLICY("INTERLEAVE", ",'nodes':'0','flags':['MPOL_F_STATIC_NODES']"));
	ERRORS({ POLICY("DEFAULT", ",'nodes':'0'"), "/linux/memoryPolicy/nodes", "no nodes" },
	       { POLICY("LOCAL", ",'nodes':'0'"), "/linux/memoryPolicy/nodes", "no nodes" },
	       { POLICY("BIND", ""), "/linux/memoryPolicy/nodes", "at least one" },
	       { POLICY("PREFERRED_MANY", ""), "/linux/memoryPolicy/nodes", "at least one" },
	       { POLICY("BIND", ",'nodes':'a'"), "/linux/memoryPolicy/nodes", "0-3,7" },
	       { POLICY("PREFERRED", ",'flags':['MPOL_F_STATIC_NODES']"),
		 "/linux/memoryPolicy/flags", "nothing to place" },
	       { POLICY("BIND", ",'nodes':'0','flags':['MPOL_F_STATIC_NODES',"
				"'MPOL_F_RELATIVE_NODES']"),
		 "/linux/memoryPolicy/flags", "exclude" },
	       { POLICY("INTERLEAVE", ",'nodes':'0','flags':['MPOL_F_NUMA_BALANCING']"),
		 "/linux/memoryPolicy/flags", "MPOL_BIND" });
}
END_TEST

#define RDT(x) LINUX("'intelRdt':{" x "}")

START_TEST(intel_rdt)
{
	FINE(RDT("'closID':'a','l3CacheSchema':'L3:0=f','memBwSchema':'MB:0=20'"),
	     RDT("'closID':'/','schemata':['L2:0=f'],'enableMonitoring':true"));
	ERRORS({ RDT("'closID':'a/b'"), "/linux/intelRdt/closID", "directory" },
	       { RDT("'closID':'..'"), "/linux/intelRdt/closID", "directory" },
	       { RDT("'memBwSchema':'0=20'"), "/linux/intelRdt/memBwSchema", "" },
	       { RDT("'memBwSchema':'MB:0=20\\nx'"), "/linux/intelRdt/memBwSchema", "" },
	       { RDT("'schemata':['a','b\\n']"), "/linux/intelRdt/schemata/1", "one line" });
}
END_TEST

START_TEST(cgroups_path)
{
	FINE(LINUX("'cgroupsPath':'/a/..b/c'"), LINUX("'cgroupsPath':'a'"),
	     LINUX("'cgroupsPath':'x.slice:berth:y'"));
	ERRORS({ LINUX("'cgroupsPath':'/a/../b'"), "/linux/cgroupsPath", ".." },
	       { LINUX("'cgroupsPath':'..'"), "/linux/cgroupsPath", ".." });
}
END_TEST

#define MEMORY(x) RESOURCES("'memory':{" x "}")

START_TEST(memory)
{
	FINE(MEMORY("'limit':-1,'swap':-1,'reservation':0,'kernel':-1,'kernelTCP':0"),
	     MEMORY("'limit':10,'swap':10,'disableOOMKiller':false,'useHierarchy':true"),
	     MEMORY("'limit':10,'swap':0"), MEMORY("'checkBeforeUpdate':true"));
	ERRORS({ MEMORY("'limit':-2"), "/linux/resources/memory/limit", "-1" },
	       { MEMORY("'reservation':-2"), "/linux/resources/memory/reservation", "-1" },
	       { MEMORY("'swap':-2"), "/linux/resources/memory/swap", "-1" },
	       { MEMORY("'swap':5"), "/linux/resources/memory/swap", "memory.limit" },
	       { MEMORY("'limit':6,'swap':5"), "/linux/resources/memory/swap", "below" });
	WARNINGS({ MEMORY("'kernel':5"), "/linux/resources/memory/kernel", "v2" },
		 { MEMORY("'kernelTCP':5"), "/linux/resources/memory/kernelTCP", "v2" },
		 { MEMORY("'swappiness':60"), "/linux/resources/memory/swappiness", "v2" },
		 { MEMORY("'disableOOMKiller':true"), "/linux/resources/memory/disableOOMKiller",
		   "v2" },
		 { MEMORY("'useHierarchy':false"), "/linux/resources/memory/useHierarchy", "v2" });
}
END_TEST

#define CPU(x) RESOURCES("'cpu':{" x "}")

START_TEST(cpu)
{
	FINE(CPU("'shares':0,'quota':-1,'period':0,'burst':5,'idle':1,'realtimeRuntime':0,"
		 "'realtimePeriod':0,'cpus':'0-3,7','mems':''"),
	     CPU("'quota':1000,'period':1000,'burst':1000"));
	ERRORS({ CPU("'quota':-2"), "/linux/resources/cpu/quota", "-1" },
	       { CPU("'quota':999"), "/linux/resources/cpu/quota", "1000" },
	       { CPU("'period':999"), "/linux/resources/cpu/period", "1000" },
	       { CPU("'period':1000001"), "/linux/resources/cpu/period", "1000000" },
	       { CPU("'quota':2000,'burst':2001"), "/linux/resources/cpu/burst", "quota" },
	       { CPU("'idle':2"), "/linux/resources/cpu/idle", "0 or 1" },
	       { CPU("'cpus':'0,'"), "/linux/resources/cpu/cpus", "0-3,7" },
	       { CPU("'mems':'x'"), "/linux/resources/cpu/mems", "0-3,7" });
	WARNINGS({ CPU("'realtimeRuntime':1"), "/linux/resources/cpu/realtimeRuntime", "v2" },
		 { CPU("'realtimePeriod':1"), "/linux/resources/cpu/realtimePeriod", "v2" });
}
END_TEST

#define BLOCK(x) RESOURCES("'blockIO':{" x "}")
#define AT_8_0   "'major':8,'minor':0"

START_TEST(block_io)
{
	FINE(BLOCK("'weight':0,'leafWeight':0"), BLOCK("'weight':10"), BLOCK("'weight':1000"),
	     BLOCK("'weightDevice':[{" AT_8_0 ",'weight':10}],"
		   "'throttleReadBpsDevice':[{" AT_8_0 ",'rate':1}]"));
	ERRORS({ BLOCK("'weight':9"), "/linux/resources/blockIO/weight", "10 to 1000" },
	       { BLOCK("'weight':1001"), "/linux/resources/blockIO/weight", "10 to 1000" },
	       { BLOCK("'weightDevice':[{" AT_8_0 "}]"), "/linux/resources/blockIO/weightDevice/0",
		 "weight" },
	       { BLOCK("'weightDevice':[{" AT_8_0 ",'weight':9}]"),
		 "/linux/resources/blockIO/weightDevice/0/weight", "10 to 1000" },
	       { BLOCK("'weightDevice':[{'major':-1,'minor':0,'weight':10}]"),
		 "/linux/resources/blockIO/weightDevice/0/major", "4095" },
	       { BLOCK("'throttleWriteIOPSDevice':[{'major':8,'minor':-1,'rate':1}]"),
		 "/linux/resources/blockIO/throttleWriteIOPSDevice/0/minor", "1048575" });
	WARNINGS({ BLOCK("'leafWeight':10"), "/linux/resources/blockIO/leafWeight", "v2" },
		 { BLOCK("'weightDevice':[{" AT_8_0 ",'leafWeight':10}]"),
		   "/linux/resources/blockIO/weightDevice/0/leafWeight", "v2" });
}
END_TEST

START_TEST(other_resources)
{
	FINE(RESOURCES("'pids':{'limit':-1}"), RESOURCES("'pids':{'limit':0}"),
	     RESOURCES("'devices':[{'allow':false,'access':'rwm'},"
		       "{'allow':true,'type':'c','major':-1,'minor':-1,'access':'m'}]"),
	     RESOURCES("'hugepageLimits':[{'pageSize':'2MB','limit':0},"
		       "{'pageSize':'64KB','limit':1}]"),
	     RESOURCES("'rdma':{'mlx5_1':{'hcaHandles':0}}"),
	     RESOURCES(
		     "'unified':{'memory.high':'1','hugetlb.1GB.max':'2','cgroup.max.depth':'1'}"),
	     RESOURCES("'network':{'classID':0,'priorities':[]}"));
	ERRORS({ RESOURCES("'pids':{'limit':-2}"), "/linux/resources/pids/limit", "-1" },
	       { RESOURCES("'devices':[{'allow':false,'type':'x'}]"),
		 "/linux/resources/devices/0/type", "" },
	       { RESOURCES("'devices':[{'allow':false,'access':'rx'}]"),
		 "/linux/resources/devices/0/access", "rwm" },
	       { RESOURCES("'devices':[{'allow':false,'major':-2}]"),
		 "/linux/resources/devices/0/major", "negative" },
	       { RESOURCES("'devices':[{'allow':false,'minor':-2}]"),
		 "/linux/resources/devices/0/minor", "negative" },
	       { RESOURCES("'hugepageLimits':[{'pageSize':'2MB','limit':0},"
			   "{'pageSize':'2MB','limit':1}]"),
		 "/linux/resources/hugepageLimits/1/pageSize", "entry 0" },
	       { RESOURCES("'hugepageLimits':[{'pageSize':'64kB','limit':0}]"),
		 "/linux/resources/hugepageLimits/0/pageSize", "" },
	       { RESOURCES("'rdma':{'mlx5_1':{}}"), "/linux/resources/rdma/mlx5_1", "hcaHandles" },
	       { RESOURCES("'unified':{'../x.y':'1'}"), "/linux/resources/unified/..~1x.y",
		 "no name" },
	       { RESOURCES("'unified':{'..':'1'}"), "/linux/resources/unified/..", "no name" },
	       { RESOURCES("'unified':{'memory':'1'}"), "/linux/resources/unified/memory",
		 "no name" },
	       { RESOURCES("'unified':{'memory.':'1'}"), "/linux/resources/unified/memory.",
		 "no name" },
	       { RESOURCES("'unified':{'cgroup.procs':'1'}"),
		 "/linux/resources/unified/cgroup.procs", "drives" },
	       { RESOURCES("'unified':{'a b.c':'1'}"), "/linux/resources/unified/a b.c",
		 "no name" });
	WARNINGS({ RESOURCES("'network':{'classID':1}"), "/linux/resources/network/classID", "v2" },
		 { RESOURCES("'network':{'priorities':[{'name':'e','priority':1}]}"),
		   "/linux/resources/network/priorities", "v2" });
}
END_TEST

START_TEST(seccomp)
{
	FINE(RULE("'action':'SCMP_ACT_ERRNO','errnoRet':4095"),
	     RULE("'action':'SCMP_ACT_TRACE','errnoRet':65535"),
	     RULE("'action':'SCMP_ACT_ALLOW','args':[{'index':5,'value':1,'op':'SCMP_CMP_EQ'}]"),
	     LINUX("'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':38}"));
	ERRORS({ RULE("'action':'SCMP_ACT_ALLOW','errnoRet':1"),
		 "/linux/seccomp/syscalls/0/errnoRet", "SCMP_ACT_ALLOW takes no errno" },
	       { SECCOMP("'defaultErrnoRet':1"), "/linux/seccomp/defaultErrnoRet",
		 "SCMP_ACT_ALLOW takes no errno" },
	       { RULE("'action':'SCMP_ACT_ERRNO','errnoRet':4096"),
		 "/linux/seccomp/syscalls/0/errnoRet", "4095" },
	       { RULE("'action':'SCMP_ACT_TRACE','errnoRet':65536"),
		 "/linux/seccomp/syscalls/0/errnoRet", "65535" },
	       { RULE("'action':'SCMP_ACT_LOG','args':[{'index':6,'value':1,'op':'SCMP_CMP_EQ'}]"),
		 "/linux/seccomp/syscalls/0/args/0/index", "0 to 5" },
	       { SECCOMP("'syscalls':[{'names':[],'action':'SCMP_ACT_LOG'}]"),
		 "/linux/seccomp/syscalls/0/names", "" },
	       { SECCOMP("'syscalls':[{'names':['read',''],'action':'SCMP_ACT_LOG'}]"),
		 "/linux/seccomp/syscalls/0/names/1", "" },
	       { LINUX("'seccomp':{'defaultAction':'SCMP_ACT_NOTIFY'}"),
		 "/linux/seccomp/defaultAction", "listenerPath" },
	       { RULE("'action':'SCMP_ACT_NOTIFY'"), "/linux/seccomp/syscalls/0/action",
		 "listenerPath" },
	       { SECCOMP("'listenerMetadata':'x'"), "/linux/seccomp/listenerMetadata",
		 "listenerPath" },
	       { SECCOMP("'listenerPath':'x'"), "/linux/seccomp/listenerPath", "absolute" });
	WARNINGS({ SECCOMP("'flags':['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']"),
		   "/linux/seccomp/flags", "no effect" });
}
END_TEST

/* An error in a list does not bring false ones about what is in it. */
START_TEST(damage_misleads_no_rule)
{
	ERRORS({ "'hostname':'x','linux':{'namespaces':[{'type':'utz'}]}",
		 "/linux/namespaces/0/type", "" },
	       { "'mounts':[{'destination':7,'source':'/x','options':['bind']}],"
		 "'linux':{" NEW_MOUNT "}",
		 "/mounts/0/destination", "" },
	       { DEVICES("{'path':'/x','type':'c','major':'1','minor':1}"),
		 "/linux/devices/0/major", "" },
	       { USER("'uid':0,'gid':0") ",'linux':{" NEW_USER ",'gidMappings':" MAP
					 ",'uidMappings':[{'containerID':'0','hostID':1,'size':1}]"
					 "}",
		 "/linux/uidMappings/0/containerID", "" },
	       { PROCESS("'rlimits':[" RLIMIT("AS", "1",
					      "1") ",{'type':'RLIMIT_X','soft':1,'hard':1}]"),
		 "/process/rlimits/1/type", "" },
	       { RESOURCES("'rdma':{'x':{'hcaHandles':'1'}}"), "/linux/resources/rdma/x/hcaHandles",
		 "" });
}
END_TEST

/* The time for many entries does not grow with the square of their number. */
START_TEST(many_devices)
{
	enum { MANY = 100000, BYTES_EACH = 48 };
	autofree char *text = malloc((MANY + 2) * BYTES_EACH);
	size_t length = (size_t)sprintf(text, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},"
					      "\"linux\":{\"devices\":[");
	struct berth_config *c = NULL;
	struct berth_report *report = NULL;

	for (int i = 0; i < MANY; i++)
		length += (size_t)sprintf(text + length, "{\"path\":\"/dev/x%d\",\"type\":\"p\"}%s",
					  i, i < MANY - 1 ? "," : "]}}");
	assert_ok(config_decode(text, length, "config.json", true, &c, &report, &error));
	ck_assert_uint_eq(report->n, 0);
	berth_report_free(report);
	berth_config_free(c);
}
END_TEST

UNIT_MAIN("check", version, root_and_names, hooks_and_annotations, process, user, console_size,
	  rlimits, capabilities, scheduling, namespaces, maps, too_many_maps, too_many_groups,
	  mounts, mounts_on_proc, mounts_with_maps, mounting_needs_a_new_namespace, devices, sysctl,
	  net_devices, time_offsets, memory_policy, intel_rdt, cgroups_path, memory, cpu, block_io,
	  other_resources, seccomp, damage_misleads_no_rule, many_devices)
