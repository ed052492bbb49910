/** States of the automaton by their numbers in RFC 1661 §4.2. */
export const STATES = ['Initial', 'Starting', 'Closed', 'Stopped', 'Closing', 'Stopping', 'Req-Sent', 'Ack-Rcvd', 'Ack-Sent', 'Opened'] as const;
export type StateName = (typeof STATES)[number];

/** §4.4, and 'irt': irc for the terminate counter. */
export type Action = 'tlu' | 'tld' | 'tls' | 'tlf' | 'irc' | 'irt' | 'zrc' | 'scr' | 'sca' | 'scn' | 'str' | 'sta' | 'scj' | 'ser';
/** §4.3. */
export type Event = 'Up' | 'Down' | 'Open' | 'Close' | 'TO+' | 'TO-' | 'RCR+' | 'RCR-' | 'RCA' | 'RCN' | 'RTR' | 'RTA' | 'RUC' | 'RXJ+' | 'RXJ-' | 'RXR';

/** RFC 1661 §4.1, cell by cell: actions and next state; '-' cannot happen or means nothing. */
const TABLE: Readonly<Record<Event, string>> = {
  //       0 Initial  1 Starting   2 Closed     3 Stopped        4 Closing  5 Stopping  6 Req-Sent   7 Ack-Rcvd   8 Ack-Sent   9 Opened
  'Up':   '2          irc,scr/6    -            -                -          -           -            -            -            -',
  'Down': '-          -            0            tls/1            0          1           1            1            1            tld/1',
  'Open': 'tls/1      1            irc,scr/6    3                5          5           6            7            8            9',
  'Close':'0          tlf/0        2            2                4          4           irt,str/4    irt,str/4    irt,str/4    tld,irt,str/4',
  'TO+':  '-          -            -            -                str/4      str/5       scr/6        scr/6        scr/8        -',
  'TO-':  '-          -            -            -                tlf/2      tlf/3       tlf/3        tlf/3        tlf/3        -',
  'RCR+': '-          -            sta/2        irc,scr,sca/8    4          5           sca/8        sca,tlu/9    sca/8        tld,scr,sca/8',
  'RCR-': '-          -            sta/2        irc,scr,scn/6    4          5           scn/6        scn/7        scn/6        tld,scr,scn/6',
  'RCA':  '-          -            sta/2        sta/3            4          5           irc/7        scr/6        irc,tlu/9    tld,scr/6',
  'RCN':  '-          -            sta/2        sta/3            4          5           irc,scr/6    scr/6        irc,scr/8    tld,scr/6',
  'RTR':  '-          -            sta/2        sta/3            sta/4      sta/5       sta/6        sta/6        sta/6        tld,zrc,sta/5',
  'RTA':  '-          -            2            3                tlf/2      tlf/3       6            6            8            tld,scr/6',
  'RUC':  '-          -            scj/2        scj/3            scj/4      scj/5       scj/6        scj/7        scj/8        scj/9',
  'RXJ+': '-          -            2            3                4          5           6            6            8            9',
  'RXJ-': '-          -            tlf/2        tlf/3            tlf/2      tlf/3       tlf/3        tlf/3        tlf/3        tld,irt,str/5',
  'RXR':  '-          -            2            3                4          5           6            7            8            ser/9',
};

export interface Cell { readonly actions: readonly Action[]; readonly next: number }

function cell(text: string): Cell | undefined {
  if (text === '-') return undefined;
  const slash = text.indexOf('/');
  return { actions: slash < 0 ? [] : text.slice(0, slash).split(',') as Action[], next: Number(text.slice(slash + 1)) };
}

const cells: ReadonlyMap<string, readonly (Cell | undefined)[]> = new Map(Object.entries(TABLE).map(([event, row]) => [event, row.split(/\s+/).map(cell)]));

/** What an event means in a state; undefined: nothing. */
export const transition = (event: Event, state: number): Cell | undefined => cells.get(event)?.[state];
