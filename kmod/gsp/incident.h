/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an operator is told when the firmware fails: one line per incident, and a
 * report of the first one. See report.c for the report.
 */
#ifndef NOVABPF_GSP_INCIDENT_H
#define NOVABPF_GSP_INCIDENT_H

#include <linux/compiler.h>
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
	NOVA_INCIDENTS
};

/**
 * struct nova_incidents - incidents of one GPU
 * @health: heartbeats, while calls wait; under gsp->lock
 * @looked_ns: when they were read last
 * @rate: per kind: when the burst began, how many lines it has, how many are not in
 *	the log; under gsp->lock
 * @lock: guards @first
 * @first: report of the first incident since it was cleared, or NULL
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
	struct nova_report *first;
};

void nova_incidents_init(struct nova_gsp *gsp);

/* Logs an incident and keeps a report of the first. May sleep. */
__printf(3, 4) void nova_incident(struct nova_gsp *gsp, enum nova_incident kind,
				  const char *fmt, ...);
/* The same of a call that timed out. */
void nova_incident_timeout(struct nova_gsp *gsp, const struct nova_rpc *rpc);

/* Reads the heartbeats where there are any, now and then. With gsp->lock held. */
void nova_incident_look(struct nova_gsp *gsp, u64 now_ns);
/* What they say, after one more look. With gsp->lock held. */
enum nova_health_verdict nova_incident_health(struct nova_gsp *gsp, u64 now_ns);

/* report.c: take: unless there is one; @rpc may be NULL. All may sleep. */
void nova_report_take(struct nova_gsp *gsp, const char *text, const struct nova_rpc *rpc);
void nova_report_clear(struct nova_gsp *gsp);
int nova_report_show(struct nova_gsp *gsp, struct seq_file *m);

#endif /* NOVABPF_GSP_INCIDENT_H */
