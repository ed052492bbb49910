import { chapMd5, sameSecret } from '../crypto/chap.ts';
import { authenticatorResponse, ntResponse, withoutDomain } from '../crypto/mschapv2.ts';
import * as chap from '../wire/chap.ts';
import { type Control, PROTO_CHAP, printable } from '../wire/ppp.ts';
import { type AuthSide, type AuthSurroundings, type Login, octets, refusal, RESEND_MS, SENDS } from './auth.ts';

/** RFC 2759 §6: what 'E=691' means. */
const MS_ERRORS: Readonly<Record<string, string>> = {
  646: 'not at this hour', 647: 'the account is disabled', 648: 'the password has expired', 649: 'no permission to dial in', 691: 'wrong user name or password', 709: 'the password could not be changed',
};

/** Answers challenges (RFC 1994, RFC 2759); also later in the call. */
export class ChapClient implements AuthSide {
  readonly protocol = PROTO_CHAP;
  due: number | undefined;
  readonly #method: 'chap-md5' | 'ms-chap-v2';
  readonly #login: Login;
  readonly #around: AuthSurroundings;
  /** The answer that waits for its success or failure. */
  #answer: Control | undefined;
  /** How the network must prove itself (MS-CHAPv2). */
  #expected = '';
  #sends = 0;
  #proven = false;

  constructor(method: 'chap-md5' | 'ms-chap-v2', login: Login, around: AuthSurroundings) {
    this.#method = method;
    this.#login = login;
    this.#around = around;
  }

  start(now: number): void { this.due = now + RESEND_MS * SENDS; }

  /** RFC 1994 §4.2 tells the authenticator to take an answer again: so a lost success is asked for. */
  tick(now: number): void {
    if (this.due === undefined || now < this.due) return;
    if (this.#answer !== undefined && this.#sends < SENDS) return this.#send(now);
    this.due = undefined;
    this.#around.refused(this.#answer === undefined ? 'the network did not ask who we are (CHAP)' : 'the network does not answer to our name (CHAP)');
  }

  receive(packet: Control, now: number): void {
    switch (packet.code) {
      case chap.CHALLENGE: return this.#challenge(packet, now);
      case chap.SUCCESS: return this.#success(packet);
      case chap.FAILURE:
        if (this.#answer === undefined || packet.id !== this.#answer.id) return;
        this.due = undefined;
        return this.#around.refused(refusal(failure(packet.data)));
      default:
    }
  }

  #challenge(packet: Control, now: number): void {
    const asked = chap.parse(packet.data);
    if (asked === undefined) return;
    const user = octets(this.#login.user);
    if (this.#method === 'chap-md5') {
      this.#answer = { code: chap.RESPONSE, id: packet.id, data: chap.emit({ value: chapMd5(packet.id, octets(this.#login.password), asked.value), name: user }) };
    } else {
      if (asked.value.length !== chap.MS_CHALLENGE_LENGTH) return;
      const peerChallenge = Uint8Array.from({ length: 16 }, () => Math.floor(this.#around.random() * 256));
      const nt = ntResponse(asked.value, peerChallenge, withoutDomain(user), this.#login.password);
      this.#expected = authenticatorResponse(this.#login.password, nt, peerChallenge, asked.value, withoutDomain(user));
      this.#answer = { code: chap.RESPONSE, id: packet.id, data: chap.emit({ value: chap.emitMsResponse({ peerChallenge, ntResponse: nt }), name: user }) };
    }
    this.#sends = 0;
    this.#send(now);
  }

  #success(packet: Control): void {
    if (this.due === undefined || this.#answer === undefined || packet.id !== this.#answer.id) return;
    this.due = undefined;
    // RFC 2759 §5: a network that does not know our password must not be talked to.
    if (this.#method === 'ms-chap-v2' && !sameSecret(packet.data.slice(0, 42), octets(this.#expected))) {
      return this.#around.refused('the network could not prove that it knows the password');
    }
    const first = !this.#proven;
    this.#proven = true;
    if (first) this.#around.proven(this.#login.user);
  }

  #send(now: number): void {
    this.#sends++;
    this.due = now + RESEND_MS;
    this.#around.send(this.#answer!);
  }
}

/** 'E=691 R=0 C=… V=3 M=…' in words, or the message as it is. */
function failure(data: Uint8Array): string {
  const message = printable(data);
  const code = /^E=(\d+)/.exec(message)?.[1];
  if (code === undefined) return message;
  const own = / M=(.*)$/.exec(message)?.[1]?.trim();
  return own || (MS_ERRORS[code] ?? `error ${code}`);
}
