-- What wrk sends: transfers between random accounts, each with a key of its own.
local threads = 0

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

function init(args)
	run, accounts, sent = args[1], tonumber(args[2]), 0
	math.randomseed(os.time() * 100 + number)
end

function request()
	sent = sent + 1
	local from = math.random(0, accounts - 1)
	local to = (from + math.random(1, accounts - 1)) % accounts
	return wrk.format("POST", "/api/transfers", {
		["Content-Type"] = "application/json",
		["Idempotency-Key"] = run .. "-" .. number .. "-" .. sent,
	}, string.format('{"from":"w-%d","to":"w-%d","amount":1}', from, to))
end
