import { combineLatest, map, Observable } from 'rxjs';
import { ChartHistory, type ChartPoint, type Clock, Growth, type View } from '../../../sdk/index.ts';
import type { CardStatus } from '../contract.ts';
import type { CellularService } from './service.ts';

const STEP_MS = 10_000;
const WINDOW_SEC = 3600;
/** A page that was slow gets the points of the last minute again. */
const AGAIN = 6;

interface Lines { heard: boolean; readonly signal: ChartHistory; readonly traffic: ChartHistory; readonly down: Growth; readonly up: Growth }

/** Signal and traffic of the last hour of every slot that has had a card. Slots stand in the order in which they were seen first, so that a chart stays the same one. */
export class Charts {
  readonly #clock: Clock;
  readonly #cellular: Pick<CellularService, 'list'>;
  readonly #slots = new Map<number, Lines>();
  readonly #told = new Set<() => void>();

  /** Measures as long as the clock's owner lives. */
  constructor(clock: Clock, cellular: Pick<CellularService, 'list'>) {
    this.#clock = clock;
    this.#cellular = cellular;
    clock.every(STEP_MS, () => this.#measure());
  }

  /** `page` with the charts below it. */
  beside(page: Observable<View>): Observable<View> {
    return combineLatest([page, this.#charts()]).pipe(map(([first, charts]): View => ({ kind: 'stack', title: 'Card', views: [first, ...charts] })));
  }

  #charts(): Observable<readonly View[]> {
    return new Observable<readonly View[]>(page => {
      page.next(this.#views());
      const tell = (): void => page.next(this.#views(AGAIN));
      this.#told.add(tell);
      return () => { this.#told.delete(tell); };
    });
  }

  #views(newest?: number): readonly View[] {
    return [...this.#slots].flatMap(([slot, { heard, signal, traffic }]): View[] => {
      const where = this.#slots.size === 1 ? '' : `, slot ${slot}`;
      return [
        ...(heard ? [{ kind: 'chart' as const, title: `Signal, last hour${where}`, unit: 'dBm', series: ['signal'], points: signal.points(newest), live: true, windowSec: WINDOW_SEC }] : []),
        { kind: 'chart', title: `Traffic, last hour${where}`, unit: 'bit/s', series: ['down', 'up'], points: traffic.points(newest), live: true, windowSec: WINDOW_SEC },
      ];
    });
  }

  #measure(): void {
    for (const s of this.#cellular.list()) this.#add(s);
    for (const tell of [...this.#told]) tell();
  }

  #add(s: CardStatus): void {
    let lines = this.#slots.get(s.slot);
    if (lines === undefined) {
      if (s.phase === 'empty') return;
      const most = WINDOW_SEC * 1000 / STEP_MS;
      lines = { heard: false, signal: new ChartHistory(most), traffic: new ChartHistory(most), down: new Growth(), up: new Growth() };
      this.#slots.set(s.slot, lines);
    }
    const [wall, now] = [this.#clock.wall(), this.#clock.now()];
    // An old level is not drawn as a new one: the line has a gap.
    const dbm = s.signal?.stale === false ? s.signal.value.dbm : undefined;
    lines.heard ||= dbm !== undefined;
    lines.signal.add(dbm === undefined ? [wall] : [wall, dbm] satisfies ChartPoint);
    lines.traffic.add([wall, lines.down.read(s.rxBytes, now) * 8, lines.up.read(s.txBytes, now) * 8]);
  }
}
