import { getRandomValues } from 'node:crypto';

/** Words fetched at once: one by one they would cost more than all the rest of a decision. */
const WORDS = 256;

/** Numbers in [0, 1) that outsiders cannot foretell, for external ports (RFC 6056 §3.1). */
export const secureRandom = (): (() => number) => {
  const words = new Uint32Array(WORDS);
  let next = WORDS;
  return () => {
    if (next === WORDS) {
      getRandomValues(words);
      next = 0;
    }
    return words[next++]! / 0x1_0000_0000;
  };
};
