/** Tags of lines that cards send unasked. What is asked for by the command in flight is its answer all the same. */
const unasked = new Set([
  // TS 27.007 and 27.005
  '+CREG', '+CGREG', '+CEREG', '+C5GREG', '+CGEV', '+CIEV', '+CMTI', '+CMT', '+CDS', '+CDSI', '+CBM', '+CBMI', '+CUSD', '+CLIP', '+CRING', '+CCWA', '+CSSI', '+CSSU', '+CTZV', '+CTZE', '+CTZDST', '+CPIN', '+CALV',
  // Sierra
  '+PACSP', '+PACSP0', '+PACSP1', '+STIN',
  // Huawei
  '^RSSI', '^CRSSI', '^HDRRSSI', '^RSSILVL', '^HRSSILVL', '^MODE', '^BOOT', '^DSFLOWRPT', '^SRVST', '^SIMST', '^STIN', '^CSNR', '^NDISSTAT', '^DSDORMANT', '^HCSQ', '^LTERSRP', '^ANLEVEL', '^EONS', '^CPBREADY', '^SMMEMFULL', '^DDTMF', '^NWTIME', '^CEND', '^CONF', '^CONN', '^ORIG', '^ANTSW', '^THERM', '^WEND', '^EARST', '^POSITION', '^DATACONNECT', '^SYSSTART',
  // Option
  '_OSIGQ', '_OSSYSI', '_OCTI', '_OUWCTI', '_OWCTI', '_OWANCALL', '_OSBM', '_OEANT', '_ODHCP', '_OSIMOP', '_ORFP',
  // Modern modules
  '+QIND', '+QUSIM', '+QSIMSTAT', '+QCSQ', '+QNETDEVSTATUS', '+QIURC', '+UREG', '+UUPSDD', '+UUPSDA', '+UUSTS', '#QSS', '#RING', '#PSNT', '+SIMCARD', '+XSIM', '+XCALLSTAT', '+ECMSTATE', '*EPEV', '*EMRDY', '*ESTKSMENU', '$QCSIMSTAT', '$QCNWSTAT',
]);
const words = new Set(['RING', 'NO CARRIER', 'RDY', 'APP RDY', 'SMS READY', 'CALL READY', 'SMS DONE', 'PB DONE', 'POWERED DOWN', 'NORMAL POWER DOWN', 'START', '+CFUN: 1', 'VOICE NO CARRIER', 'NITZ']);

const TAG = /^[+^$!*_#%~&][A-Z0-9]+/;
const TAGS = /[+^$!*_#%~][A-Z0-9]+/g;

/** '+CSQ' of '+csq: 20,99'; undefined: the line has none. */
export const tagOf = (line: string): string | undefined => TAG.exec(line.toUpperCase())?.[0];

/** All that a command line asks for: 'AT+COPS=3,0;+COPS?' asks for +COPS. Strings in it are not commands. */
export const tagsAsked = (command: string): ReadonlySet<string> => new Set(command.replace(/"[^"]*"?/g, '').toUpperCase().match(TAGS) ?? []);

/** The line came on its own, whatever command is in flight. */
export function isUnasked(line: string, asked: ReadonlySet<string>): boolean {
  const tag = tagOf(line);
  if (tag === undefined) return words.has(line.toUpperCase());
  return unasked.has(tag) && !asked.has(tag);
}

/** The next line is the body of this report: +CMT, and +CDS or +CBM in PDU mode (TS 27.005 §3.4.1). */
export const hasBody = (line: string): boolean => /^\+CMT:/i.test(line) || /^\+(CDS|CBM):\s*\d+\s*$/i.test(line);
/** Of a report in PDU mode only hexadecimal digits can be the body. */
export const isBody = (report: string, line: string): boolean => !/:\s*("[^"]*"|[^",]*)?,?\s*\d+\s*$/.test(report) || /^[0-9A-F]+$/i.test(line);

/**
 * Characters of the text on the lines behind the head of a message in text mode (+CMGR, +CMGL, ^HCMGR): whatever they say, 'OK' or a report, they
 * are a stranger's. Undefined: the head does not say, or the message is a PDU.
 */
export function textLength(head: string): number | undefined {
  const length = /^\+CMG(?:R\s*:|L\s*:\s*\d+\s*,)\s*".*,\s*(\d{1,4})\s*$/i.exec(head)?.[1] ?? /^\^HCMGR\s*:\s*[^,]*(?:,[^,]*){8},\s*(\d{1,4})\s*,/i.exec(head)?.[1];
  return length === undefined ? undefined : Number(length);
}
