-- SPDX-License-Identifier: GPL-2.0-only
--
-- Dissector of GSP RPC records for Wireshark and tshark: files of "novabpf record"
-- (link type USER0, pseudo-header of include/novabpf/format/capture.h), decoded with the
-- layouts of the release that the record names. "make wireshark" puts the tables in.

-- @TABLES@

local KINDS = { "request", "reply", "event", "bad record", "end", "more" }
local MAGIC, HEADER_MIN, RPC_BYTES = 0x5042564e, 160, 32
-- As far as this a record says whose it is and when it was.
local HEADER_LEAST = 40
local ELEMENTS_MAX = 256

local proto = Proto("novabpf", "GSP RPC record")
-- Tables of their own: Wireshark keeps what it is given.
local status_names = {}
for value, name in pairs(statuses) do
	status_names[value] = name
end

local control_names = {}
for value, name in pairs(controls) do
	control_names[value] = name
end

local fields = {
	kind = ProtoField.uint32("novabpf.kind", "Kind", base.DEC,
		{ [1] = "request", [2] = "reply", [3] = "event", [4] = "bad record", [5] = "end",
		[6] = "more" }),
	gpu = ProtoField.uint32("novabpf.gpu", "GPU"),
	gfid = ProtoField.uint32("novabpf.gfid", "GFID"),
	op = ProtoField.uint32("novabpf.op", "Operation (stable id)"),
	id = ProtoField.uint64("novabpf.id", "Call"),
	time_ns = ProtoField.uint64("novabpf.time_ns", "Time (GPU clock, ns)"),
	queued_ns = ProtoField.uint64("novabpf.queued_ns", "Queued (ns)"),
	firmware_ns = ProtoField.uint64("novabpf.firmware_ns", "In firmware (ns)"),
	total_ns = ProtoField.uint64("novabpf.total_ns", "In all (ns)"),
	pid = ProtoField.int32("novabpf.pid", "Process"),
	err = ProtoField.int32("novabpf.err", "Error of the transport"),
	fate = ProtoField.uint32("novabpf.fate", "Fate", base.DEC, fates),
	reason = ProtoField.uint32("novabpf.reason", "Refused because", base.DEC, reasons),
	record_seq = ProtoField.uint32("novabpf.record_seq", "Sequence of the transport"),
	records = ProtoField.uint32("novabpf.records", "Records on the wire"),
	status = ProtoField.uint32("novabpf.status", "Status", base.HEX, status_names),
	len_bytes = ProtoField.uint32("novabpf.len_bytes", "Payload (bytes)"),
	comm = ProtoField.string("novabpf.comm", "Process name"),
	release = ProtoField.string("novabpf.release", "Release"),
	payload_at = ProtoField.uint32("novabpf.payload_at", "Place in the payload"),
	of_kind = ProtoField.uint32("novabpf.of_kind", "More of", base.DEC,
		{ [1] = "request", [2] = "reply", [3] = "event" }),
	name = ProtoField.string("novabpf.name", "Name"),
	control = ProtoField.string("novabpf.control", "Control"),
	struct = ProtoField.string("novabpf.struct", "Structure"),
	version = ProtoField.uint32("novabpf.rpc.header_version", "header_version", base.HEX),
	signature = ProtoField.uint32("novabpf.rpc.signature", "signature", base.HEX),
	length = ProtoField.uint32("novabpf.rpc.length", "length"),
	func = ProtoField.uint32("novabpf.rpc.function", "function"),
	result = ProtoField.uint32("novabpf.rpc.rpc_result", "rpc_result", base.HEX, status_names),
	result_private = ProtoField.uint32("novabpf.rpc.rpc_result_private", "rpc_result_private",
		base.HEX),
	seq = ProtoField.uint32("novabpf.rpc.sequence", "sequence"),
	rpc_gfid = ProtoField.uint32("novabpf.rpc.gfid", "gfid"),
	rest = ProtoField.bytes("novabpf.payload", "Payload, untyped"),
}
local malformed = ProtoExpert.new("novabpf.malformed", "The record is malformed",
	expert.group.MALFORMED, expert.severity.ERROR)
local shortened = ProtoExpert.new("novabpf.shortened", "The packet was shortened",
	expert.group.UNDECODED, expert.severity.NOTE)
local cut = ProtoExpert.new("novabpf.cut", "The payload is shorter than its structure",
	expert.group.PROTOCOL, expert.severity.NOTE)

local MAKE = {
	["1"] = ProtoField.uint8, ["2"] = ProtoField.uint16, ["4"] = ProtoField.uint32,
	["8"] = ProtoField.uint64, a = ProtoField.uint32, A = ProtoField.uint64,
	t = ProtoField.string, b = ProtoField.bytes,
}

-- One field per struct, path and kind; what differs between layouts gets a suffix.
local made, registered = {}, {}
local function field_of(struct, path, how)
	local plain = path:gsub("%[0%]", ""):gsub("%[bits.*$", "")
	local key = struct .. "." .. plain
	local known = made[key] or {}

	made[key] = known
	if known[how] then
		return known[how]
	end
	local abbr = "novabpf." .. key:gsub("[^%w_.]", "_")
	if next(known) then
		abbr = abbr .. "_" .. how
	end
	if how == "h" then
		known[how] = ProtoField.uint32(abbr, plain, base.HEX)
	elseif how == "c" then
		known[how] = ProtoField.uint32(abbr, plain, base.HEX, control_names)
	elseif how == "s" then
		known[how] = ProtoField.uint32(abbr, plain, base.HEX, status_names)
	else
		known[how] = MAKE[how](abbr, plain)
	end
	registered[#registered + 1] = known[how]
	return known[how]
end

for struct, by_number in pairs(layouts) do
	for _, layout in pairs(by_number) do
		for _, row in ipairs(layout) do
			if type(row[4]) == "string" then
				row.field = field_of(struct, row[1], row[4])
			end
		end
	end
end

local all = {}
for _, f in pairs(fields) do
	all[#all + 1] = f
end
for _, f in ipairs(registered) do
	all[#all + 1] = f
end
proto.fields = all
proto.experts = { malformed, shortened, cut }

local function layout_of(release, struct)
	local entry = releases[release]

	for i, name in ipairs(structs) do
		if entry and name == struct then
			return layouts[struct][tonumber(entry[2]:sub(2 * i - 1, 2 * i), 16)]
		end
	end
end

-- One leaf at @off of @tvb; false where the payload ends before it.
local function add_leaf(tree, row, tvb, off)
	local size, how = row[3], row[4]

	if size == 0 then
		size = tvb:len() - off
	end
	if size <= 0 then
		return true
	end
	if off + size > tvb:len() then
		return false
	end
	local range = tvb:range(off, size)
	if how == "a" or how == "A" then
		local step = how == "a" and 4 or 8

		for at = 0, math.min(size - step, (ELEMENTS_MAX - 1) * step), step do
			tree:add_le(row.field, tvb:range(off + at, step)):append_text(
				string.format(" [%d]", at / step))
		end
	elseif how == "t" then
		tree:add(row.field, range, range:stringz())
	elseif how == "b" then
		tree:add(row.field, range)
	else
		tree:add_le(row.field, range)
	end
	return true
end

-- Rows from @first on that lie below @stem ("" for all). Return: the row after them.
local function add_rows(tree, layout, tvb, shift, first, stem)
	local i, whole = first, true

	while i <= #layout do
		local row = layout[i]

		if row[1]:sub(1, #stem) ~= stem then
			break
		end
		if type(row[4]) == "string" then
			whole = add_leaf(tree, row, tvb, shift + row[2]) and whole
			i = i + 1
		else
			local size, step, below = row[3], row[4], row[1] .. "[0]"
			local after = i + 1

			if size == 0 then
				size = tvb:len() - shift - row[2]
			end
			while after <= #layout and layout[after][1]:sub(1, #below) == below do
				after = after + 1
			end
			for n = 0, math.min(math.floor(size / step), ELEMENTS_MAX) - 1 do
				local at = shift + row[2] + n * step

				if at + step > tvb:len() then
					whole = false
					break
				end
				local branch = tree:add(proto, tvb:range(at, step),
					string.format("%s[%d]", row[1]:gsub("%[0%]", ""), n))

				add_rows(branch, layout, tvb, shift + n * step, i + 1, below)
			end
			i = after
		end
	end
	return i, whole
end

-- A structure at the head of @tvb. Return: its size, 0 where the release has none.
local function add_struct(tree, release, struct, tvb)
	local layout = struct and layout_of(release, struct)

	if not layout or tvb:len() == 0 then
		return 0
	end
	local branch = tree:add(proto, tvb:range(), struct)
	local _, whole = add_rows(branch, layout, tvb, 0, 1, "")

	branch:add(fields.struct, tvb:range(0, 0), struct):set_generated()
	if not whole then
		branch:add_proto_expert_info(cut)
	end
	return layout.size
end

local function add_pseudo(tree, tvb)
	local le32 = { kind = 8, gpu = 12, gfid = 16, op = 20, pid = 64, err = 68, fate = 72,
		reason = 76, record_seq = 96, records = 100, status = 104, len_bytes = 112 }
	local le64 = { id = 24, time_ns = 32, queued_ns = 40, firmware_ns = 48, total_ns = 56 }
	local order = { "kind", "gpu", "gfid", "op", "id", "time_ns", "queued_ns", "firmware_ns",
		"total_ns", "pid", "err", "fate", "reason", "record_seq", "records", "status",
		"len_bytes" }

	for _, name in ipairs(order) do
		local at, size = le32[name] or le64[name], le32[name] and 4 or 8

		if at + size <= tvb:len() then
			tree:add_le(fields[name], tvb:range(at, size))
		end
	end
	if tvb:len() < HEADER_MIN then
		return
	end
	tree:add(fields.comm, tvb:range(120, 16), tvb:range(120, 16):stringz())
	tree:add(fields.release, tvb:range(136, 24), tvb:range(136, 24):stringz())
	if tvb:len() >= 168 and tvb:range(164, 4):le_uint() ~= 0 then
		tree:add_le(fields.payload_at, tvb:range(160, 4))
		tree:add_le(fields.of_kind, tvb:range(164, 4))
	end
end

local function add_rpc(tree, tvb)
	local order = { "version", "signature", "length", "func", "result", "result_private", "seq",
		"rpc_gfid" }
	local branch = tree:add(proto, tvb:range(), "RPC header")

	for i, name in ipairs(order) do
		branch:add_le(fields[name], tvb:range(4 * (i - 1), 4))
	end
end

local function add_payload(tree, release, number, name, cmd, tvb)
	local what = number >= 0x1000 and "event:" or "rpc:"
	local used = add_struct(tree, release, heads[what .. name], tvb)

	if used >= tvb:len() then
		return
	end
	if name == "GSP_RM_CONTROL" and used > 0 then
		used = used + add_struct(tree, release, params[cmd], tvb:range(used):tvb())
	end
	if used == 0 then
		tree:add(fields.rest, tvb:range())
	end
end

-- What the table had before us, with the user's own choice for this link type.
local table_of = DissectorTable.get("wtap_encap")
local before = table_of:get_dissector(wtap.USER0)

-- A record that ends in front of its release: it says whose it is and when it was.
local function add_start(tree, pinfo, tvb)
	local info = string.format("gpu%d %s", tvb:range(12, 4):le_uint(),
		KINDS[tvb:range(8, 4):le_uint()] or "?")

	add_pseudo(tree:add(proto, tvb:range(), "Pseudo-header"), tvb)
	tree:add_proto_expert_info(shortened)
	pinfo.cols.info = info .. ", shortened, gfid=" .. tvb:range(16, 4):le_uint()
end

local function add_record(tree, pinfo, tvb, header)
	local kind, gpu = tvb:range(8, 4):le_uint(), tvb:range(12, 4):le_uint()
	local number, result = tvb:range(80, 4):le_uint(), tvb:range(84, 4):le_uint()
	local status, cmd = tvb:range(104, 4):le_uint(), tvb:range(108, 4):le_uint()
	local release = tvb:range(136, 24):stringz()
	local entry = releases[release]
	local name = entry and functions[entry[1]][number] or string.format("function %d", number)
	local control = name == "GSP_RM_CONTROL" and
		(controls[cmd] or string.format("0x%08x", cmd)) or nil
	local info = string.format("gpu%d %s %s", gpu, KINDS[kind] or "?", name)
	local there = math.min(header, tvb:len())

	add_pseudo(tree:add(proto, tvb:range(0, there), "Pseudo-header"), tvb:range(0, there):tvb())
	tree:add(fields.name, tvb:range(80, 4), name):set_generated()
	if control then
		tree:add(fields.control, tvb:range(108, 4), control):set_generated()
		info = info .. " " .. control
	end
	if tvb:len() >= header + RPC_BYTES then
		add_rpc(tree, tvb:range(header, RPC_BYTES))
	end
	if tvb:len() < tvb:reported_len() then
		tree:add_proto_expert_info(shortened)
	end
	if tvb:len() > header + RPC_BYTES and kind == 6 then
		tree:add(fields.rest, tvb:range(header + RPC_BYTES))
	elseif tvb:len() > header + RPC_BYTES and kind ~= 4 then
		add_payload(tree, release, number, name, cmd, tvb:range(header + RPC_BYTES):tvb())
	end
	if kind == 2 then
		local said = result ~= 0 and result or status

		info = info .. " " .. (statuses[said] or string.format("0x%x", said))
	elseif kind == 4 then
		info = info .. ": " .. (reasons[tvb:range(76, 4):le_uint()] or "?")
	elseif kind == 5 then
		info = info .. ": " .. (fates[tvb:range(72, 4):le_uint()] or "?")
	end
	pinfo.cols.info = info .. " gfid=" .. tvb:range(16, 4):le_uint()
end

-- Return: bytes that are ours, 0 for what is no record: that is for somebody else.
function proto.dissector(tvb, pinfo, root)
	if tvb:len() < 8 or tvb:range(0, 4):le_uint() ~= MAGIC then
		return before and before:call(tvb, pinfo, root) or 0
	end
	local tree = root:add(proto, tvb:range())
	local header = tvb:range(6, 2):le_uint()
	local whole = tvb:len() >= tvb:reported_len()
	local kind

	pinfo.cols.protocol = "GSP"
	if header < HEADER_MIN or (whole and tvb:len() < header + RPC_BYTES) or
	    tvb:len() < HEADER_LEAST then
		pinfo.cols.info = whole and "malformed" or "shortened"
		tree:add_proto_expert_info(whole and malformed or shortened)
		return tvb:len()
	end
	if tvb:len() < HEADER_MIN then
		add_start(tree, pinfo, tvb)
	else
		add_record(tree, pinfo, tvb, header)
	end
	kind = tvb:range(8, 4):le_uint()
	if kind == 6 and tvb:len() >= 168 then
		kind = tvb:range(164, 4):le_uint()
	end
	pinfo.cols.src = kind == 1 and "driver" or "GSP"
	pinfo.cols.dst = kind == 1 and "GSP" or "driver"
	return tvb:len()
end

table_of:add(wtap.USER0, proto)
