import { chapMd5, sameSecret } from '../crypto/chap.ts';
import { authenticatorResponse, ntResponse, withoutDomain } from '../crypto/mschapv2.ts';
import * as chap from '../wire/chap.ts';
import { type Control, PROTO_CHAP, sameOctets } from '../wire/ppp.ts';
import { type AuthSide, type AuthSurroundings, type Door, octets, RESEND_MS, SENDS, shown, text } from './auth.ts';

const CHALLENGE_LENGTH = 16;

/** Asks who the peer is (RFC 1994, RFC 2759), and again during the call if wanted. Its challenges are as good as `random`. */
export class ChapServer implements AuthSide {
  readonly protocol = PROTO_CHAP;
  due: number | undefined;
  readonly #method: 'chap-md5' | 'ms-chap-v2';
  readonly #door: Door;
  readonly #around: AuthSurroundings;
  #id: number;
  #challenge = new Uint8Array(CHALLENGE_LENGTH);
  #sends = 0;
  /** What the answer to the present challenge got; said again when the answer comes again. */
  #verdict: Control | undefined;
  #proven = false;

  constructor(method: 'chap-md5' | 'ms-chap-v2', door: Door, around: AuthSurroundings) {
    this.#method = method;
    this.#door = door;
    this.#around = around;
    this.#id = Math.floor(around.random() * 256);
  }

  /** A fresh challenge under a fresh identifier (RFC 1994 §4.1). */
  start(now: number): void {
    this.#id = (this.#id + 1) & 0xff;
    this.#challenge = Uint8Array.from({ length: CHALLENGE_LENGTH }, () => Math.floor(this.#around.random() * 256));
    this.#verdict = undefined;
    this.#sends = 0;
    this.#send(now);
  }

  tick(now: number): void {
    if (this.due === undefined || now < this.due) return;
    if (this.#verdict !== undefined) return this.start(now);
    if (this.#sends < SENDS) return this.#send(now);
    this.due = undefined;
    this.#around.refused('the other end did not say who it is (CHAP)');
  }

  receive(packet: Control, now: number): void {
    if (packet.code !== chap.RESPONSE || packet.id !== this.#id) return;
    if (this.#verdict !== undefined) return this.#around.send(this.#verdict);
    const answer = chap.parse(packet.data);
    if (answer === undefined) return;
    const user = text(answer.name);
    const password = this.#door.passwordOf(user);
    const proof = password === undefined ? undefined : this.#check(answer, password);
    this.due = undefined;
    this.#verdict = { code: proof === undefined ? chap.FAILURE : chap.SUCCESS, id: packet.id, data: octets(proof ?? this.#failure()) };
    this.#around.send(this.#verdict);
    if (proof === undefined) return this.#around.refused(`${shown(user) || 'nobody'}: wrong user name or password`);
    if (this.#door.againMs !== undefined) this.due = now + this.#door.againMs;
    const first = !this.#proven;
    this.#proven = true;
    if (first) this.#around.proven(user);
  }

  echoes(packet: Control): boolean {
    const asked = packet.code === chap.CHALLENGE ? chap.parse(packet.data) : undefined;
    return asked !== undefined && sameOctets(asked.value, this.#challenge);
  }

  /** What to say to the right answer; undefined: it is wrong. */
  #check({ value, name }: chap.Handshake, password: string): string | undefined {
    if (this.#method === 'chap-md5') return sameSecret(value, chapMd5(this.#id, octets(password), this.#challenge)) ? 'welcome' : undefined;
    const response = chap.parseMsResponse(value);
    if (response === undefined) return undefined;
    const user = withoutDomain(name);
    const { peerChallenge, ntResponse: nt } = response;
    if (!sameSecret(nt, ntResponse(this.#challenge, peerChallenge, user, password))) return undefined;
    return `${authenticatorResponse(password, nt, peerChallenge, this.#challenge, user)} M=welcome`;
  }

  /** RFC 2759 §6: no second try under this challenge. */
  #failure(): string {
    if (this.#method === 'chap-md5') return 'wrong user name or password';
    const hex = Array.from(this.#challenge, octet => octet.toString(16).padStart(2, '0')).join('').toUpperCase();
    return `E=691 R=0 C=${hex} V=3 M=wrong user name or password`;
  }

  #send(now: number): void {
    this.#sends++;
    this.due = now + RESEND_MS;
    this.#around.send({ code: chap.CHALLENGE, id: this.#id, data: chap.emit({ value: this.#challenge, name: octets(this.#door.name) }) });
  }
}
