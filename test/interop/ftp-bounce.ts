/**
 * Runs with `node -e`: an FTP server as they were before RFC 2577, which connects from port 20 wherever PORT says (RFC 959 §3.2), so that
 * nmap's bounce scan can be shown. It carries no files.
 */
export const ftpBounce = `
const net = require("node:net");
net.createServer((client) => {
  const say = (line) => { if (client.writable) client.write(line + "\\r\\n"); };
  let where;
  let rest = "";
  client.on("error", () => {});
  say("220 ready");
  client.on("data", (data) => {
    rest += data;
    for (let end; (end = rest.indexOf("\\n")) >= 0; rest = rest.slice(end + 1)) answer(rest.slice(0, end).trim());
  });
  function answer(line) {
    const [verb = "", words = ""] = line.split(" ");
    switch (verb.toUpperCase()) {
      case "USER": return say("331 password");
      case "PASS": return say("230 welcome");
      case "PORT": {
        const n = words.split(",").map(Number);
        where = { host: n.slice(0, 4).join("."), port: n[4] * 256 + n[5] };
        return say("200 ok");
      }
      case "LIST": return dial(20);
      default: return say("502 what?");
    }
  }
  // Two clients may ask for the same target at once: port 20 reaches it once at a time, the second goes from any other port.
  function dial(localPort) {
    const data = net.connect({ ...where, localPort }, () => { say("150 here it comes"); data.resetAndDestroy(); say("226 done"); });
    data.setTimeout(1000, () => data.destroy(new Error("timeout")));
    data.on("error", (error) => {
      if (localPort && /EADDRINUSE|EADDRNOTAVAIL/.test(error.code)) dial(0);
      else say("425 cannot connect");
    });
  }
}).listen(21);
`;
