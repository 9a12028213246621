#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Passes, and says in which boot it ran.
. "$(dirname "$0")/../lib.sh"
plan 1
ok "40 ran"
