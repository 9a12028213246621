/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of vGPUs.
 *
 * The promise of novabpf_gsp.h holds here, too.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM novabpf

#if !defined(_TRACE_NOVABPF_VGPU_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_NOVABPF_VGPU_H

#include <linux/tracepoint.h>
#include <novabpf/driver/plugin.h>
#include <uapi/novabpf.h>

#define nova_show_vgpu_state(v) __print_symbolic(v,	\
	{ NOVA_VGPU_NEW,		"new" },		\
	{ NOVA_VGPU_BOOTING,		"booting" },		\
	{ NOVA_VGPU_READY,		"ready" },		\
	{ NOVA_VGPU_CLOSING,		"closing" },		\
	{ NOVA_VGPU_GONE,		"gone" },		\
	{ NOVA_VGPU_ERROR,		"error" },		\
	{ NOVA_VGPU_QUARANTINED,	"quarantined" })

#define nova_show_plugin_rpc(v) __print_symbolic(v,	\
	{ NOVA_PLUGIN_RPC_VERSION,	"version" },	\
	{ NOVA_PLUGIN_RPC_SETUP,	"setup" },	\
	{ NOVA_PLUGIN_RPC_RESET,	"reset" })

/* Exports the values, so that trace-cmd and perf can print the texts above. */
TRACE_DEFINE_ENUM(NOVA_VGPU_NEW);
TRACE_DEFINE_ENUM(NOVA_VGPU_BOOTING);
TRACE_DEFINE_ENUM(NOVA_VGPU_READY);
TRACE_DEFINE_ENUM(NOVA_VGPU_CLOSING);
TRACE_DEFINE_ENUM(NOVA_VGPU_GONE);
TRACE_DEFINE_ENUM(NOVA_VGPU_ERROR);
TRACE_DEFINE_ENUM(NOVA_VGPU_QUARANTINED);
TRACE_DEFINE_ENUM(NOVA_PLUGIN_RPC_VERSION);
TRACE_DEFINE_ENUM(NOVA_PLUGIN_RPC_SETUP);
TRACE_DEFINE_ENUM(NOVA_PLUGIN_RPC_RESET);

/* A vGPU changed its state; type is the id of its type. */
TRACE_EVENT(vgpu_phase,
	TP_PROTO(u32 gpu, u32 gfid, u32 type, u32 from, u32 to, const char *name),
	TP_ARGS(gpu, gfid, type, from, to, name),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, type)
		__field(u32, from)
		__field(u32, to)
		__array(char, name, NOVA_TRACE_VGPU_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = gfid;
		__entry->type = type;
		__entry->from = from;
		__entry->to = to;
		strscpy(__entry->name, name, NOVA_TRACE_VGPU_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u type=%u from=%s to=%s name=%s", __entry->gpu,
		  __entry->gfid, __entry->type, nova_show_vgpu_state(__entry->from),
		  nova_show_vgpu_state(__entry->to), __entry->name)
);

/* Whether a vGPU may be created, and where; ret is 0 or -errno. */
TRACE_EVENT(vgpu_admit,
	TP_PROTO(u32 gpu, u32 gfid, u32 type, u32 placement, s32 ret, const char *name),
	TP_ARGS(gpu, gfid, type, placement, ret, name),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, type)
		__field(u32, placement)
		__field(s32, ret)
		__array(char, name, NOVA_TRACE_VGPU_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = gfid;
		__entry->type = type;
		__entry->placement = placement;
		__entry->ret = ret;
		strscpy(__entry->name, name, NOVA_TRACE_VGPU_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u type=%u placement=%u ret=%d name=%s", __entry->gpu,
		  __entry->gfid, __entry->type, __entry->placement, __entry->ret,
		  __entry->name)
);

/* A vGPU went into quarantine: its resources stay unused until the GPU is reset or removed. */
TRACE_EVENT(vgpu_quarantine,
	TP_PROTO(u32 gpu, u32 gfid, u32 type, const char *name),
	TP_ARGS(gpu, gfid, type, name),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, type)
		__array(char, name, NOVA_TRACE_VGPU_NAME_LEN)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = gfid;
		__entry->type = type;
		strscpy(__entry->name, name, NOVA_TRACE_VGPU_NAME_LEN);
	),
	TP_printk("gpu=%u gfid=%u type=%u name=%s", __entry->gpu, __entry->gfid,
		  __entry->type, __entry->name)
);

/* A request to the plugin task of a vGPU; ret is 0 or -errno, ns GPU time. */
TRACE_EVENT(vgpu_plugin_rpc,
	TP_PROTO(u32 gpu, u32 gfid, u32 type, u32 seq, u32 received, u32 processed, u32 result,
		 s32 ret, u64 ns),
	TP_ARGS(gpu, gfid, type, seq, received, processed, result, ret, ns),
	TP_STRUCT__entry(
		__field(u32, gpu)
		__field(u32, gfid)
		__field(u32, type)
		__field(u32, seq)
		__field(u32, received)
		__field(u32, processed)
		__field(u32, result)
		__field(s32, ret)
		__field(u64, ns)
	),
	TP_fast_assign(
		__entry->gpu = gpu;
		__entry->gfid = gfid;
		__entry->type = type;
		__entry->seq = seq;
		__entry->received = received;
		__entry->processed = processed;
		__entry->result = result;
		__entry->ret = ret;
		__entry->ns = ns;
	),
	TP_printk("gpu=%u gfid=%u type=%s seq=%u received=%u processed=%u result=0x%x ret=%d ns=%llu",
		  __entry->gpu, __entry->gfid, nova_show_plugin_rpc(__entry->type),
		  __entry->seq, __entry->received, __entry->processed, __entry->result,
		  __entry->ret, __entry->ns)
);

#endif /* _TRACE_NOVABPF_VGPU_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH trace/events
#define TRACE_INCLUDE_FILE novabpf_vgpu
#include <trace/define_trace.h>
