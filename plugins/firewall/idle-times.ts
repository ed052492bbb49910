import type { Disposable, Flows, FlowTimeouts } from '../../sdk/index.ts';
import type { Settings } from './settings.ts';

export type IdleSettings = Settings['idle'];
export type IdleName = keyof IdleSettings;

/** The flow table's timeouts that the settings name; the others stay as NAT or the router itself has them. */
function idleTimeouts(s: IdleSettings): Partial<FlowTimeouts> {
  return {
    ...(s.icmp === undefined ? {} : { icmp: s.icmp }), ...(s.udp === undefined ? {} : { udp: s.udp, udpAssured: s.udp }),
    ...(s.connection === undefined ? {} : { tcpSyn: s.connection }), ...(s.finWait === undefined ? {} : { tcpClosing: s.finWait }), ...(s.tcp === undefined ? {} : { tcpEstablished: s.tcp }),
  };
}

/** Keeps them in force: whoever sets a timeout last has it, and NAT sets its own again after a change. */
export class IdleTimes {
  readonly #flows: Pick<Flows, 'timeouts' | 'setTimeouts'>;
  #wanted: Partial<FlowTimeouts> = {};
  #held: Disposable | undefined;

  constructor(flows: Pick<Flows, 'timeouts' | 'setTimeouts'>) { this.#flows = flows; }

  use(s: IdleSettings): void {
    this.#wanted = idleTimeouts(s);
    this.#set();
  }

  /** Settings changed, or a plugin came: others may have set theirs. */
  again(): void {
    const now = this.#flows.timeouts;
    if (Object.entries(this.#wanted).some(([name, seconds]) => now[name as keyof FlowTimeouts] !== seconds)) this.#set();
  }

  #set(): void {
    void this.#held?.dispose();
    this.#held = Object.keys(this.#wanted).length === 0 ? undefined : this.#flows.setTimeouts(this.#wanted);
  }
}
