import type { Bed } from './bed.ts';

/**
 * Asks the router's own V8 through its inspector (which SIGUSR1 opens, inside the router's namespace): collect garbage, then how
 * many MiB are in use. Figures without that say mostly when the last collection was.
 */
export async function heapInUse(bed: Bed): Promise<number> {
  bed.router.child.kill('SIGUSR1');
  const said = await bed.net.sh('router', `exec ${process.execPath} -e '${ask}'`, 60_000);
  return Number(said.trim()) / 1048576;
}

const ask = `
const WebSocket = require("ws");
async function url() {
  for (let i = 0; i < 100; i++) {
    try { return (await (await fetch("http://127.0.0.1:9229/json/list")).json())[0].webSocketDebuggerUrl; } catch { await new Promise(r => setTimeout(r, 50)); }
  }
}
url().then(at => {
  const s = new WebSocket(at);
  s.on("open", () => {
    s.send(JSON.stringify({ id: 1, method: "HeapProfiler.collectGarbage" }));
    s.send(JSON.stringify({ id: 2, method: "HeapProfiler.collectGarbage" }));
    s.send(JSON.stringify({ id: 3, method: "Runtime.evaluate", params: { expression: "process.memoryUsage().heapUsed" } }));
  });
  s.on("message", text => { const m = JSON.parse(text); if (m.id === 3) { console.log(m.result.result.value); s.close(); } });
});
`;
