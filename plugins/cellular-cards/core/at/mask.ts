import { tagOf } from './reports.ts';
import { finalOf } from './results.ts';

const HIDDEN = '…';

/** Commands whose arguments are secrets: PINs, service codes. */
const allSecret = /^(AT\s*)?(\+CPIN|\+CPWD|\^CPIN|\^CPWD|\+UPIN|~NAMLCK|\$NWACTIVATION|!ENTERCND|\+SPIC)\s*=(?!\?)/i;
/** Lines with a log-in: every string in them is hidden, but for the APN. */
const withLogin = /(\$QCPDPP|_OPDPP|%IPDPCFG|\+CGAUTH|\^AUTHDATA|\^NDISDUP|\+QICSGP|\*EIAAUW|#PDPAUTH|\+UAUTHREQ|\+UPSD|\$QCMIPGETP|\$QCMIPNAI|\$QCMIP)/i;

/**
 * A command or an answer as it may be shown and logged: PINs and the strings of log-ins are left out. `secret`: nothing behind
 * the command's name is shown.
 */
export function masked(line: string, secret = false): string {
  const at = line.search(/[=:]/);
  if (secret || allSecret.test(line)) return at < 0 ? HIDDEN : `${line.slice(0, at + 1)}${HIDDEN}`;
  // A PIN stands second in AT+CLCK="SC",1,"1234" when several commands share a line.
  const pins = line.replace(/(\+CPIN\s*=|\+CPWD\s*=[^;]*?,|\+CLCK\s*=[^;]*?,\s*[01]\s*,)\s*"?[^";,]*"?(,\s*"?[^";,]*"?)?/gi, `$1${HIDDEN}`);
  return withLogin.test(pins) ? pins.replace(/"[^"]+"?/g, `"${HIDDEN}"`) : pins;
}

/** A PDU: letters of somebody, and perhaps the password of a command by SMS. */
const PDU = /^[0-9A-F]{40,}$/i;

/** A line of the card's as the log keeps it. `secret`: it answers a command that is: nothing of it but how it ended. */
export function logged(line: string, secret: boolean): string {
  const tagged = tagOf(line) !== undefined;
  return PDU.test(line) || (secret && !tagged && finalOf(line, true) === undefined) ? `(${line.length} characters)` : masked(line, secret && tagged);
}
