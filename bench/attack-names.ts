/** What the console is attacked with; `neighbour` does not talk to the router at all and only takes a core, for comparison. */
export const attacks = ['neighbour', 'log-ins', 'slow', 'restore', 'messages'] as const;
export type AttackName = (typeof attacks)[number];

export const inWords: Readonly<Record<AttackName, string>> = {
  neighbour: 'a program beside it that takes a core',
  'log-ins': 'log-ins with wrong passwords, as fast as answered',
  slow: '500 slow WebSockets, 500 half-sent requests',
  restore: 'hostile restore files in a loop',
  messages: 'malformed WebSocket messages, as fast as taken',
};
