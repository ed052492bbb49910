/** One command of a log, and what came back. */
export interface Exchange { readonly command: string; readonly lines: readonly string[]; readonly final: string }

const FINAL = /^(OK|ERROR|NO CARRIER|BUSY|NO ANSWER|NO DIALTONE|COMMAND NOT SUPPORT|CONNECT( .*)?|\+CM[ES] ERROR: ?.*)$/i;
const COMMAND = /^AT.*$/i;
/** Lines that nobody asked for begin so; they are no part of an answer. */
const REPORT = /^(\^(RSSI|MODE|BOOT|DSFLOWRPT|RSSILVL|HRSSILVL|SRVST|SIMST|STIN|CSNR|DSDORMANT)|_OSIGQ|_OSSYSI|_OUWCTI|\+PACSP|\+CMTI|RING)/i;

/**
 * Commands and answers out of a log as programs and people write it: lines that begin with AT are commands, everything up to a final
 * result is the answer. Time stamps, arrows, quotes, and <CR><LF> written out are taken off. Also a JSON file of such records.
 */
export function readLog(text: string): Exchange[] {
  const records = jsonRecords(text);
  if (records) return records;
  const found: Exchange[] = [];
  let command: string | undefined;
  let lines: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/).flatMap(plain)) {
    if (COMMAND.test(line) && !FINAL.test(line)) {
      // The echo of the command is the command again.
      if (command !== line) lines = [];
      command = line;
    } else if (command !== undefined && FINAL.test(line)) {
      found.push({ command, lines, final: line.toUpperCase().startsWith('+CM') ? line : line.toUpperCase() });
      command = undefined;
      lines = [];
    } else if (command !== undefined && line !== '' && !REPORT.test(line)) lines.push(line);
  }
  return found;
}

/** What a line of a log says, without its dress. */
function plain(line: string): string[] {
  const quoted = /(?:-->|<--|<-|->|>>|<<)\s*'(.*)'\s*$/.exec(line);
  const bare = (quoted?.[1] ?? line.replace(/^.*?(?:-->|<--|<-|->|>>|<<|\bsend:|\brecv:|\bsent:|\breceived:|\bexpect:)\s*/i, '').replace(/^\[?\d[\d:.\-T /]*\]?\s+/, '').replace(/^send \((.*)\^M\)$/, '$1'))
    .replaceAll('\\r', '\r').replaceAll('\\n', '\n').replace(/<CR>/gi, '\r').replace(/<LF>/gi, '\n').replace(/\^M/g, '\r');
  return bare.split(/[\r\n]+/).map(l => l.trim()).filter(l => l !== '');
}

/** Records {command, response, final} in a list, or under `records`. */
function jsonRecords(text: string): Exchange[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = Array.isArray(data) ? data : (data as { records?: unknown }).records;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((r: { command?: unknown; response?: unknown; final?: unknown }) => (typeof r.command === 'string' && r.command !== '' && typeof r.response === 'string'
    ? [{ command: r.command, lines: r.response.split(/[\r\n]+/).map(l => l.trim()).filter(l => l !== ''), final: typeof r.final === 'string' ? r.final : 'OK' }] : []));
}
