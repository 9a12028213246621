/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Incidents: one log line and a report for each failure of the firmware. report.c keeps
 * the reports.
 */
#ifndef NOVABPF_GSP_INCIDENT_H
#define NOVABPF_GSP_INCIDENT_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include "health.h"

struct nova_gsp;
struct nova_report;
struct nova_rpc;
struct seq_file;

/* Lines of one kind in that time (GPU clock); the rest is counted. */
#define NOVA_INCIDENT_BURST	5
#define NOVA_INCIDENT_NS	(60 * (u64)NSEC_PER_SEC)
#define NOVA_INCIDENT_TEXT	240

/* By the Xid numbers that the field knows, see incident.c. */
enum nova_incident {
	NOVA_INCIDENT_TIMEOUT,
	NOVA_INCIDENT_ERROR,
	NOVA_INCIDENT_PMU,
	NOVA_INCIDENT_INIT,
	NOVA_INCIDENT_ACTION,
	NOVA_INCIDENT_BUS,
	/* A requested reset: logged as an action, and no fault of the firmware. */
	NOVA_INCIDENT_REQUEST,
	NOVA_INCIDENTS
};

/*
 * Reports that are kept of each kind of incident: one per run of the firmware, so that
 * what follows from an incident does not take its place, of the last such runs.
 */
#define NOVA_REPORTS_MAX	4

/**
 * struct nova_incidents - incidents of one GPU
 * @health: heartbeats, while calls wait; under gsp->lock
 * @looked_ns: when they were read last
 * @rate: per kind: when the burst began, how many lines it has, how many are not in
 *	the log; under gsp->lock
 * @lock: guards the rest
 * @reports: struct nova_report, oldest first
 * @last_id: of the report that was kept last
 */
struct nova_incidents {
	struct nova_health health;
	u64 looked_ns;
	struct {
		u64 since_ns;
		u32 lines;
		u32 silent;
	} rate[NOVA_INCIDENTS];
	struct mutex lock;	/* see above */
	struct list_head reports;
	u32 last_id;
};

void nova_incidents_init(struct nova_gsp *gsp);
/* A run of the firmware begins: forgets the heartbeats of the last one. With gsp->lock held. */
void nova_incidents_start(struct nova_gsp *gsp);

/* Logs an incident and keeps a report, see NOVA_REPORTS_MAX. May sleep. */
__printf(3, 4) void nova_incident(struct nova_gsp *gsp, enum nova_incident kind,
				  const char *fmt, ...);
/* The same for an RPC that timed out. */
void nova_incident_timeout(struct nova_gsp *gsp, const struct nova_rpc *rpc);

/* Reads the heartbeats where there are any, now and then. With gsp->lock held. */
void nova_incident_look(struct nova_gsp *gsp, u64 now_ns);
/* What they say, after one more look. With gsp->lock held. */
enum nova_health_verdict nova_incident_health(struct nova_gsp *gsp, u64 now_ns);

/*
 * report.c. All may sleep.
 *
 * take: unless there is one of this kind and run; @rpc may be NULL.
 * show: the first report of the last run that had an incident; of a reset that was asked
 * for only where there is no other; without any what is known now.
 * start, next, stop, show_one: all of them, as a struct seq_operations has it.
 */
void nova_report_take(struct nova_gsp *gsp, enum nova_incident kind, const char *text,
		      const struct nova_rpc *rpc);
void nova_report_clear(struct nova_gsp *gsp);
int nova_report_show(struct nova_gsp *gsp, struct seq_file *m);
void *nova_report_start(struct nova_gsp *gsp, loff_t *pos);
void *nova_report_next(struct nova_gsp *gsp, void *v, loff_t *pos);
void nova_report_stop(struct nova_gsp *gsp);
int nova_report_show_one(struct nova_gsp *gsp, struct seq_file *m, void *v);
/**
 * nova_halt_cause() - why GSP halted
 * @gsp: firmware
 * @why: for the cause in one line
 * @size: of @why, bytes; NOVA_INCIDENT_TEXT is enough
 *
 * Reads registers. Context: any.
 * Return: the kind of incident that it is.
 */
enum nova_incident nova_halt_cause(struct nova_gsp *gsp, char *why, size_t size);
const char *nova_incident_name(enum nova_incident kind);

#endif /* NOVABPF_GSP_INCIDENT_H */
