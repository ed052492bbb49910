import { sameSecret } from '../crypto/chap.ts';
import * as pap from '../wire/pap.ts';
import { type Control, PROTO_PAP, printable } from '../wire/ppp.ts';
import { type AuthSide, type AuthSurroundings, type Door, type Login, octets, refusal, RESEND_MS, SENDS, shown, text } from './auth.ts';

/** Sends name and password until somebody answers (RFC 1334 §2.2.1). */
export class PapClient implements AuthSide {
  readonly protocol = PROTO_PAP;
  due: number | undefined;
  readonly #login: Login;
  readonly #around: AuthSurroundings;
  #sends = 0;

  constructor(login: Login, around: AuthSurroundings) {
    this.#login = login;
    this.#around = around;
  }

  start(now: number): void {
    this.#sends = 0;
    this.#send(now);
  }

  tick(now: number): void {
    if (this.due === undefined || now < this.due) return;
    if (this.#sends < SENDS) return this.#send(now);
    this.due = undefined;
    this.#around.refused('the network does not answer to user name and password (PAP)');
  }

  receive(packet: Control): void {
    if (this.due === undefined) return;
    if (packet.code !== pap.AUTHENTICATE_ACK && packet.code !== pap.AUTHENTICATE_NAK) return;
    this.due = undefined;
    if (packet.code === pap.AUTHENTICATE_ACK) this.#around.proven(this.#login.user);
    else this.#around.refused(refusal(printable(pap.parseMessage(packet.data))));
  }

  /** Under one identifier: answers to earlier ones count, for the question was the same. */
  #send(now: number): void {
    this.#sends++;
    this.due = now + RESEND_MS;
    const data = pap.emitRequest({ user: octets(this.#login.user), password: octets(this.#login.password) });
    this.#around.send({ code: pap.AUTHENTICATE_REQUEST, id: 1, data });
  }
}

/** Waits for name and password; answers the same question with the same answer, for answers get lost (RFC 1334 §2.2.2). */
export class PapServer implements AuthSide {
  readonly protocol = PROTO_PAP;
  due: number | undefined;
  readonly #door: Door;
  readonly #around: AuthSurroundings;
  #open: boolean | undefined;

  constructor(door: Door, around: AuthSurroundings) {
    this.#door = door;
    this.#around = around;
  }

  start(now: number): void { this.due = now + RESEND_MS * SENDS; }

  tick(now: number): void {
    if (this.due === undefined || now < this.due) return;
    this.due = undefined;
    this.#around.refused('the other end did not say who it is (PAP)');
  }

  receive(packet: Control): void {
    const request = packet.code === pap.AUTHENTICATE_REQUEST ? pap.parseRequest(packet.data) : undefined;
    if (request === undefined) return;
    const user = text(request.user);
    const first = this.#open === undefined;
    if (first) {
      const password = this.#door.passwordOf(user);
      this.#open = password !== undefined && sameSecret(octets(password), request.password);
    }
    const open = this.#open === true;
    this.#around.send({ code: open ? pap.AUTHENTICATE_ACK : pap.AUTHENTICATE_NAK, id: packet.id, data: pap.emitMessage(octets(open ? 'welcome' : 'wrong user name or password')) });
    if (!first) return;
    this.due = undefined;
    if (open) this.#around.proven(user);
    else this.#around.refused(`${shown(user) || 'nobody'}: wrong user name or password`);
  }
}
