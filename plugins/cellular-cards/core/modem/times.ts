/** Between two questions for network, signal and technology (ms). */
export const POLL_MS = 5_000;
export const SEARCH_POLL_MS = 3_000;
/** So long without a network, and something is done about it. */
export const SEARCH_MS = 120_000;
/** Between two looks at a SIM that is in the way: it may be exchanged at any time. */
export const SIM_MS = 30_000;
/** Polls in a row without a word from the card. */
export const SILENCES = 3;
/** Polls in a row without a network, after which the card is not registered any more. */
export const LOST_POLLS = 3;
export const HANG_UP_MS = 30_000;
/** A card that was reset needs this long to come back; one that was re-plugged is a new one, if all goes well. */
export const RESET_MS = 15_000;
export const REPLUG_MS = 60_000;
