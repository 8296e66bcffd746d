/**
 * Closed loop: `callers` loops call `act` until the time is over. Answers with calls per second, latencies in ms, and the CPU
 * that one call cost this process and the server, in µs.
 */
export const measure = async (callers, ms, act, serverCpu = () => 0) => {
  const [ownBefore, serverBefore] = [process.cpuUsage(), serverCpu()];
  const latencies = [];
  const begun = performance.now();
  const end = begun + ms;
  const loop = async (caller) => {
    for (let n = 0; performance.now() < end; n += 1) {
      const from = performance.now();
      await act(caller, n);
      latencies.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => loop(caller)));
  const seconds = (performance.now() - begun) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  const { user, system } = process.cpuUsage(ownBefore);
  const cpu = {
    ownCpu: (user + system) / latencies.length,
    serverCpu: ((serverCpu() - serverBefore) * 1e6) / latencies.length,
  };
  return {
    ...cpu,
    perSecond: latencies.length / seconds,
    count: latencies.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
};

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The median of several measurements, member by member. */
export const medians = (runs) =>
  Object.fromEntries(Object.keys(runs[0]).map((member) => [member, median(runs.map((run) => run[member]))]));

export const round = (number) => (number >= 100 ? Math.round(number) : Math.round(number * 100) / 100);
