# SPDX-License-Identifier: GPL-2.0-only
#
# Reads the trace of a round of the soak: what happened to vGPUs and policies.
# Prints counts as lines of a name and a number, then a line "problem TEXT" for each
# thing that must not be: a gfid that was used again though it was in quarantine, and the
# GPU not reset since; a policy that ended twice, or never.

function field(name,  at, rest) {
	at = index($0, " " name "=")
	if (!at)
		return ""
	rest = substr($0, at + length(name) + 2)
	sub(/ .*/, "", rest)
	return rest
}

/LOST/ { print "problem events are missing in the trace"; next }
!/: gpu=0 / { next }
/: gsp_state: .* -> recovering / { resets++; split("", held) }
/: vgpu_quarantine: / { quarantined++; held[field("gfid")] = 1 }
/: vgpu_admit: .* ret=0 / {
	created++
	if (field("gfid") in held)
		print "problem gfid " field("gfid") " was in quarantine and was used again"
}
/: vgpu_phase: .* to=error / { errors++ }
/: policy_attach: / { policies++; on[field("seq")] = field("name") }
# A policy whose init() failed has no number.
/: policy_(detach|eject): / && field("seq") != 0 {
	if (!(field("seq") in on))
		print "problem policy " field("name") " ended, and had not begun"
	delete on[field("seq")]
}
/: policy_eject: / { ejected++ }

END {
	for (seq in on)
		print "problem policy " on[seq] " has not ended"
	print "resets", resets + 0
	print "quarantined", quarantined + 0
	print "created", created + 0
	print "errors", errors + 0
	print "policies", policies + 0
	print "ejected", ejected + 0
}
