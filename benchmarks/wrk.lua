-- Requests in turn, each with headers of its own; tells what the answers were as one line of JSON.
-- Arguments: the status that every answer should have, and a file with the headers of one request
-- a line, separated by tabs.

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init(arguments)
   expected, others, refused, turn, requests = tonumber(arguments[1]), 0, 0, 0, {}
   for line in io.lines(arguments[2]) do
      local headers = {}
      for name, value in line:gmatch("([^\t:]+): ([^\t]+)") do
         headers[name] = value
      end
      table.insert(requests, wrk.format("GET", nil, headers))
   end
end

function request()
   turn = turn % #requests + 1
   return requests[turn]
end

function response(status)
   if status == 503 then
      refused = refused + 1
   elseif status ~= expected then
      others = others + 1
   end
end

function done(summary, latency)
   local errors, unexpected, busy = summary.errors, 0, 0
   for _, thread in ipairs(threads) do
      unexpected = unexpected + thread:get("others")
      busy = busy + thread:get("refused")
   end
   io.write(string.format(
      '{"answers": %d, "microseconds": %d, "unexpected": %d, "refused": %d, "broken": %d, "late": %d, ' ..
      '"p50": %d, "p90": %d, "p99": %d, "p999": %d, "most": %d}\n',
      summary.requests, summary.duration, unexpected, busy,
      errors.connect + errors.read + errors.write, errors.timeout,
      latency:percentile(50), latency:percentile(90), latency:percentile(99),
      latency:percentile(99.9), latency.max))
end
