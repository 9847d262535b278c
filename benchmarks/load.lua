-- Sends the requests of a file in turn and prints one line of figures.
-- A request is one line: method, path, authorization, content type, body and Idempotency-Key, with tabs between them.

local requests = {}
local sent = 0

function init(args)
  for line in io.lines(args[1]) do
    local fields = {}
    for field in (line .. "\t"):gmatch("([^\t]*)\t") do
      fields[#fields + 1] = field
    end
    local method, path, authorization, content_type, body, key = unpack(fields)
    local headers = {}
    if authorization ~= "" then headers["Authorization"] = authorization end
    if content_type ~= "" then headers["Content-Type"] = content_type end
    if key ~= "" then headers["Idempotency-Key"] = key end
    if body == "" then body = nil end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
  -- Another place in each run, so that a write finds other values than the run before left.
  math.randomseed(os.time())
  sent = math.random(#requests)
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function done(summary, latency, _)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format("FIGURES %d %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), errors.status, broken))
end
