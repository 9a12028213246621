// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of commands, and the help texts made from it.
 */
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "base/common.h"
#include "capture/capture.h"
#include "load/load.h"
#include "policy/policy.h"
#include "top/top.h"
#include "trace/trace.h"

const struct option_desc global_options[] = {
	{ 'j', "json", NULL, "print JSON, errors included" },
	{ 'p', "pretty", NULL, "print JSON with line breaks and indents" },
	{ 'h', "help", NULL, "print help, of the object if one is given" },
	{ 'V', "version", NULL, "print the version" },
	{ 0 }
};

static const struct option_desc no_options[] = {
	{ 0 }
};

static const struct option_desc history_options[] = {
	{ 0, "last", "N", "only the last N calls that match" },
	{ 0, "failed", NULL, "only calls that ended with an error" },
	{ 0, "slower", "US", "only calls that took more than US microseconds" },
	{ 0 }
};

static const struct option_desc report_options[] = {
	{ 0, "list", NULL, "list the reports that are kept" },
	{ 0, "id", "N", "print the report of this number" },
	{ 0, "clear", NULL, "then clear them all: the next incident is reported anew" },
	{ 0 }
};

static const struct option_desc queues_options[] = {
	{ 'o', "output", "FILE", "write to FILE instead of standard output" },
	{ 0 }
};

static const struct option_desc trace_options[] = {
	{ 0, "gpu", "GPU", "only this GPU" },
	{ 0, "seconds", "S", "end after S seconds; without it, and without a command: at Ctrl-C" },
	{ 0, "svg", "FILE", "draw a timeline, a lane per vGPU" },
	{ 0, "perfetto", "FILE", "write a trace for the Perfetto UI" },
	{ 0, "csv", NULL, "print CSV, a line per event" },
	{ 0, "save", "FILE", "save the trace as text, for --from" },
	{ 0, "from", "FILE", "read a saved trace instead of the kernel's" },
	{ 0 }
};

static const struct option_desc rpc_options[] = {
	{ 0, "gpu", "GPU", "only this GPU" },
	{ 0, "gfid", "G", "only calls and events of this vGPU, 0 for the host" },
	{ 0, "function", "NAME", "only this function or event, such as GSP_RM_CONTROL" },
	{ 0, "cmd", "CONTROL", "only this control, by name or number" },
	{ 0, "failed", NULL, "only what the firmware or the transport refused" },
	{ 0, "slower", "US", "only replies that took more than US microseconds" },
	{ 0, "payload", NULL, "print payloads, with the types of the release" },
	{ 0, "seconds", "S", "end after S seconds; without it, and without a command: at Ctrl-C" },
	{ 0, "from", "FILE", "read a recording (novabpf record) instead" },
	{ 0 }
};

static const struct option_desc record_options[] = {
	{ 0, "gpu", "GPU", "only this GPU" },
	{ 0, "whole", NULL, "keep all of payloads of more than 64 KiB, in pieces" },
	{ 0, "seconds", "S", "end after S seconds; without it, and without a command: at Ctrl-C" },
	{ 0 }
};

static const struct option_desc replay_options[] = {
	{ 0, "gpu", "GPU", "the GPU to replay on; needed where there are several" },
	{ 0, "source", "N", "number of the recorded GPU, where the file has several" },
	{ 0, "speed", "X", "X times as fast as recorded (1)" },
	{ 0, "as-fast", NULL, "without any pause" },
	{ 0 }
};

static const struct option_desc load_options[] = {
	{ 0, "gpu", "GPU", "the simulated GPU; needed where there are several" },
	{ 0, "policy", "LIST", "each of best-effort, equal-share, fixed-share, FILE[:VAR=VALUE]" },
	{ 0, "seed", "N", "first seed (1)" },
	{ 0, "seeds", "K", "run with K seeds, N and up; give medians and ranges" },
	{ 0, "duration", "S", "seconds to measure, instead of the mix's" },
	{ 0, "warmup", "S", "seconds before that, instead of the mix's" },
	{ 0, "csv", NULL, "print CSV, a number per line" },
	{ 0, "segments", "FILE", "write what the engines did to FILE, as CSV" },
	{ 0, "keep", NULL, "leave the vGPUs of the last run there" },
	{ 0, "dry-run", NULL, "draw only, and print what was drawn" },
	{ 0, "from", "FILE", "measure a saved result of the simulator" },
	{ 0 }
};

static const struct option_desc attach_options[] = {
	{ 0, "gpu", "GPU", "attach to GPU instead of the one the object names" },
	{ 0, "set", "VAR=VALUE...", "set a global variable of the policy first" },
	{ 0, "gfid", "G", "a hook: only calls and events of this vGPU (0: of the host)" },
	{ 0, "priority", "P", "a hook: its place among the others, smallest first" },
	{ 0, "replace", NULL, "take the place of the policy, or hook of this name" },
	{ 0, "no-pin", NULL, "stay, and detach it at the end" },
	{ 'd', "debug", NULL, "print all of the verifier's log" },
	{ 0 }
};

static const struct option_desc replace_options[] = {
	{ 0, "gpu", "GPU", "attach to GPU instead of the one the object names" },
	{ 0, "set", "VAR=VALUE...", "set a global variable of the policy first" },
	{ 0, "gfid", "G", "a hook: only calls and events of this vGPU (0: of the host)" },
	{ 0, "priority", "P", "a hook: its place among the others, smallest first" },
	{ 'd', "debug", NULL, "print all of the verifier's log" },
	{ 0 }
};

static const struct option_desc detach_options[] = {
	{ 0, "hook", "NAME", "detach this RPC hook, not the policy" },
	{ 0 }
};

static const struct option_desc top_options[] = {
	{ 0, "interval", "S", "seconds between two looks (2)" },
	{ 0, "count", "N", "end after N tables" },
	{ 0, "once", NULL, "print one table and end; with -j as JSON" },
	{ 0 }
};

static const struct option_desc lat_options[] = {
	{ 0, "by", "WHAT", "a line per vgpu, or per call; without it: per both" },
	{ 0, "hist", NULL, "print the histograms, not percentiles" },
	{ 0 }
};

static const struct option_desc slow_options[] = {
	{ 0, "last", "N", "only the last N of them" },
	{ 0 }
};

static const struct option_desc firewall_options[] = {
	{ 0, "events", NULL, "print, once, the calls that were denied instead of the rules" },
	{ 0 }
};

static const struct option_desc vgpu_options[] = {
	{ 0, "name", "NAME", "its name (default vgpuG); with --count NAME-1 and up" },
	{ 0, "gfid", "G", "number of its virtual function (default: lowest free)" },
	{ 0, "weight", "W", "share relative to others, 1 to 10000 (default 100)" },
	{ 0, "cap", "PERCENT", "most of an engine it may have (default 0: no limit)" },
	{ 0, "priority", "P", "0 batch, 1 normal, 2 interactive (default 1)" },
	{ 0, "period", "US", "period of its reservation" },
	{ 0, "budget", "US", "engine time it wants of every period" },
	{ 0, "tsgs", "N", "channel groups per engine, 1 to 8 (default 1)" },
	{ 0, "vm-pid", "PID", "process of its virtual machine" },
	{ 0, "count", "N", "create N of them" },
	{ 0 }
};

static const struct option_desc inject_add_options[] = {
	{ 0, "gpu", "GPU", "the GPU; needed where there are several" },
	{ 0, "file", "FILE|PROFILE", "the rules of a file, one per line: all of them or none" },
	{ 0 }
};

static const struct option_desc inject_options[] = {
	{ 0, "gpu", "GPU", "the GPU; needed where there are several" },
	{ 0 }
};

static const struct option_desc inject_run_options[] = {
	{ 0, "gpu", "GPU", "the GPU; needed where there are several" },
	{ 0, "gfid", "G", "only calls and events of this vGPU, 0 for the host" },
	{ 0 }
};

static const struct {
	const char *name;
	const char *summary;
} objects[] = {
	{ "gpu", "GPUs and the state of their firmware" },
	{ "vgpu", "vGPUs: parts of a GPU" },
	{ "gsp", "calls to the firmware (GSP) and its message queues" },
	{ "trace", "what scheduler and firmware do, as lines or as a picture" },
	{ "record", "calls to the firmware and its events into a file" },
	{ "replay", "recorded calls made again" },
	{ "top", "firmware calls and engine time by vGPU, refreshed" },
	{ "load", "mixes of tenants on a simulated GPU" },
	{ "rpc", "hooks that filter and measure firmware calls: their rules and results" },
	{ "attach", "put a scheduling policy or an RPC hook in BPF on a GPU" },
	{ "replace", "put a policy in the place of the one there, without a gap" },
	{ "detach", "take the policy or an RPC hook off a GPU" },
	{ "status", "who decides on a GPU, and how well" },
	{ "list", "the module's struct_ops that are attached" },
	{ "sched", "the built-in policies and their settings" },
	{ "inject", "faults in firmware calls and events, by rules" },
	{ "new", "projects to begin a policy or a hook with" },
	{ "doctor", "checks of this machine" },
	{ "help", "help" },
	{ "version", "versions" },
};

const struct command commands[] = {
	{ "gpu", "list", "", "list the GPUs, one per line",
	  0, 0, no_options, cmd_gpu_list },
	{ "gpu", "show", "[GPU]", "show chip, firmware ABI, state, queues and counters",
	  0, 1, no_options, cmd_gpu_show },
	{ "gpu", "recover", "GPU", "reset a GPU and boot its firmware anew",
	  1, 1, no_options, cmd_gpu_recover },
	{ "vgpu", "types", "[GPU]", "list what types of vGPU a GPU offers, and how many fit",
	  0, 1, no_options, cmd_vgpu_types },
	{ "vgpu", "list", "[GPU]", "list vGPUs and their settings",
	  0, 1, no_options, cmd_vgpu_list },
	{ "vgpu", "show", "GPU VGPU", "show all of a vGPU (gfid or name)",
	  2, 2, no_options, cmd_vgpu_show },
	{ "vgpu", "create", "GPU TYPE", "create a vGPU and wait until it is ready",
	  2, 2, vgpu_options, cmd_vgpu_create },
	{ "vgpu", "set", "GPU VGPU KEY=VALUE...",
	  "change weight, cap_pct, priority, period_us, budget_us",
	  3, 16, no_options, cmd_vgpu_set },
	{ "vgpu", "destroy", "GPU VGPU", "destroy a vGPU, or all",
	  2, 2, no_options, cmd_vgpu_destroy },
	{ "gsp", "history", "[GPU]", "list the last calls to the firmware, oldest first",
	  0, 1, history_options, cmd_gsp_history },
	{ "gsp", "queues", "GPU", "write a raw snapshot of the message queues",
	  1, 1, queues_options, cmd_gsp_queues },
	{ "gsp", "report", "[GPU]", "print what was kept of an incident",
	  0, 1, report_options, cmd_gsp_report },
	{ "trace", "sched", "[-- COMMAND...]", "follow decisions, switches and policies",
	  0, 4096, trace_options, cmd_trace_sched },
	{ "trace", "rpc", "[-- COMMAND...]", "follow calls to the firmware and its events",
	  0, 4096, rpc_options, cmd_trace_rpc },
	{ "record", NULL, "FILE [-- COMMAND...]",
	  "write calls, events and payloads to FILE (pcapng)",
	  1, 4096, record_options, cmd_record },
	{ "replay", NULL, "FILE", "make the recorded calls again and compare the answers",
	  1, 1, replay_options, cmd_replay },
	{ "top", NULL, "[GPU]", "show call rates, latency, firmware time and shares of vGPUs",
	  0, 1, top_options, cmd_top },
	{ "load", NULL, "MIX", "run a mix of tenants, a file or a shipped one, and measure",
	  1, 1, load_options, cmd_load },
	{ "rpc", "lat", "[GPU]", "show how long calls took, by vGPU and call (hook rpclat)",
	  0, 1, lat_options, cmd_rpc_lat },
	{ "rpc", "slow", "[GPU]", "print, once, the calls that took long (hook slow)",
	  0, 1, slow_options, cmd_rpc_slow },
	{ "rpc", "firewall", "[GPU]", "show rules and what they decided (hook firewall)",
	  0, 1, firewall_options, cmd_rpc_firewall },
	{ "rpc", "allow", "GPU GFID [CALL...]", "let calls of a vGPU pass, without CALL: the rest",
	  2, 64, no_options, cmd_rpc_allow },
	{ "rpc", "deny", "GPU GFID [CALL...]", "deny calls of a vGPU, without CALL: the rest",
	  2, 64, no_options, cmd_rpc_deny },
	{ "rpc", "forget", "GPU GFID [CALL...]", "remove rules of a vGPU, without CALL: all",
	  2, 64, no_options, cmd_rpc_forget },
	{ "rpc", "limits", "[GPU]", "show rate limits and what they did (hook ratelimit)",
	  0, 1, no_options, cmd_rpc_limits },
	{ "rpc", "limit", "GPU GFID RATE [BURST]", "limit the calls per second of a vGPU",
	  3, 4, no_options, cmd_rpc_limit },
	{ "attach", NULL, "FILE", "load a policy or a hook, attach it and pin its link",
	  1, 1, attach_options, cmd_attach },
	{ "replace", NULL, "FILE", "the same as attach --replace",
	  1, 1, replace_options, cmd_replace },
	{ "detach", NULL, "[GPU]", "detach the policy or a hook, and remove its pin",
	  0, 1, detach_options, cmd_detach },
	{ "status", NULL, "[GPU]", "show policy, decisions, rejects and the share of each vGPU",
	  0, 1, no_options, cmd_status },
	{ "list", NULL, "", "list links of the module's struct_ops, and where they are pinned",
	  0, 0, no_options, cmd_list },
	{ "sched", "show", "[GPU]", "show settings, counters and runlists",
	  0, 1, no_options, cmd_sched_show },
	{ "sched", "set", "GPU KEY=VALUE...", "change settings of the built-in policies",
	  2, 64, no_options, cmd_sched_set },
	{ "sched", "reset", "GPU", "eject the policy, or forget that one was ejected",
	  1, 1, no_options, cmd_sched_reset },
	{ "inject", "add", "[RULE...]", "add a rule: words such as function=NAME nth=3 action=drop",
	  0, 64, inject_add_options, cmd_inject_add },
	{ "inject", "list", "", "list the rules, and what they saw and did",
	  0, 0, inject_options, cmd_inject_list },
	{ "inject", "del", "ID", "remove a rule, and let go what it holds",
	  1, 1, inject_options, cmd_inject_del },
	{ "inject", "clear", "", "remove all rules and detach the hook",
	  0, 0, inject_options, cmd_inject_clear },
	{ "inject", "run", "FILE|PROFILE -- COMMAND...", "have rules in force while COMMAND runs",
	  1, 4096, inject_run_options, cmd_inject_run },
	{ "inject", "release", "ID|all", "let go what rules hold back",
	  1, 1, inject_options, cmd_inject_release },
	{ "inject", "profiles", "", "list the files of rules that came with the tool",
	  0, 0, no_options, cmd_inject_profiles },
	{ "new", "policy", "NAME", "write a folder NAME: a policy, commented, with its Makefile",
	  1, 1, no_options, cmd_new },
	{ "new", "hook", "NAME", "write a folder NAME: a hook, commented, with its Makefile",
	  1, 1, no_options, cmd_new },
	{ "doctor", NULL, "", "check this machine; names the next step",
	  0, 0, no_options, cmd_doctor },
	{ "help", NULL, "[OBJECT]", "print the commands, of one object if given",
	  0, 1, no_options, cmd_help },
	{ "version", NULL, "", "print the versions of tool, libbpf and module",
	  0, 0, no_options, cmd_version },
	{ 0 }
};

const char *object_summary(const char *object)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(objects); i++)
		if (!strcmp(objects[i].name, object))
			return objects[i].summary;
	return "";
}

static void option_usage(struct text *t, const struct option_desc *opt)
{
	text_add(t, " [");
	if (opt->letter)
		text_add(t, "-%c|", opt->letter);
	text_add(t, "--%s", opt->name);
	if (opt->arg)
		text_add(t, " %s", opt->arg);
	text_add(t, "]");
}

static void print_options(FILE *to, const struct option_desc *opt)
{
	for (; opt->name; opt++) {
		struct text t = { 0 };

		if (opt->letter)
			text_add(&t, "-%c, ", opt->letter);
		text_add(&t, "--%s%s%s", opt->name, opt->arg ? " " : "", opt->arg ? opt->arg : "");
		fprintf(to, "      %-20s %s\n", t.s, opt->help);
		free(t.s);
	}
}

/* Usage of one object, of all with NULL. */
void print_usage(FILE *to, const char *object)
{
	const struct command *c;
	const char *last = "";
	int i;

	fputs("Usage: novabpf [OPTIONS] OBJECT VERB [ARGUMENTS]\n\nCommands:\n", to);
	for (c = commands; c->object; c++) {
		struct text t = { 0 };

		if (object && strcmp(object, c->object))
			continue;
		if (strcmp(last, c->object))
			fprintf(to, "%s  %s: %s\n", *last ? "\n" : "", c->object,
				object_summary(c->object));
		last = c->object;
		for (i = 0; c->options[i].name; i++)
			option_usage(&t, &c->options[i]);
		fprintf(to, "    novabpf %s%s%s%s%s%s\n", c->object, c->verb ? " " : "",
			c->verb ? c->verb : "", *c->args ? " " : "", c->args, t.s ? t.s : "");
		fprintf(to, "      %s\n", c->summary);
		print_options(to, c->options);
		free(t.s);
	}
	fputs("\nOptions, anywhere in the line:\n", to);
	print_options(to, global_options);
	fputs("\nObjects, verbs and options may be shortened as long as they stay unique.\n"
	      "GPU is a name such as gpu0, or its number.\n", to);
}

static struct json_object *options_json(const struct option_desc *opt)
{
	struct json_object *list = json_object_new_array();

	for (; opt->name; opt++) {
		struct json_object *obj = json_object_new_object();
		char letter[2] = { opt->letter };

		json_add_text(obj, "option", opt->name);
		json_add_text(obj, "letter", opt->letter ? letter : NULL);
		json_add_text(obj, "argument", opt->arg);
		json_add_bool(obj, "many", option_many(opt));
		json_add_text(obj, "help", opt->help);
		json_object_array_add(list, obj);
	}
	return list;
}

int cmd_help(const struct call *call)
{
	const char *object = call->nr_args ? call->args[0] : NULL;
	struct json_object *doc, *list, *obj;
	const struct command *c;

	if (!json_output) {
		print_usage(stdout, object);
		return 0;
	}
	list = json_object_new_array();
	for (c = commands; c->object; c++) {
		if (object && strcmp(object, c->object))
			continue;
		obj = json_object_new_object();
		json_add_text(obj, "object", c->object);
		json_add_text(obj, "verb", c->verb);
		json_add_text(obj, "arguments", c->args);
		json_add_text(obj, "summary", c->summary);
		json_object_object_add(obj, "options", options_json(c->options));
		json_object_array_add(list, obj);
	}
	doc = json_object_new_object();
	json_object_object_add(doc, "commands", list);
	json_object_object_add(doc, "options", options_json(global_options));
	return emit_json(doc);
}

int cmd_version(const struct call *call)
{
	bool loaded = root_has("/sys/module/novabpf");
	char *module = root_line("/sys/module/novabpf/version");
	char *libbpf = xasprintf("%u.%u", libbpf_major_version(), libbpf_minor_version());
	struct json_object *doc;

	(void)call;
	if (json_output) {
		doc = json_object_new_object();
		json_add_text(doc, "version", NOVABPF_VERSION);
		json_add_text(doc, "libbpf", libbpf);
		json_add_bool(doc, "module_loaded", loaded);
		json_add_text(doc, "module", module);
		emit_json(doc);
	} else {
		printf("novabpf %s\n", NOVABPF_VERSION);
		printf("libbpf %s\n", libbpf);
		printf("module %s\n",
		       module ? module : loaded ? "loaded" : "not loaded");
	}
	free(libbpf);
	free(module);
	return 0;
}
