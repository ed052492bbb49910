// The direction that somebody looks at: the matrix leads to the summary of one, and the summary keeps it while this tab is open.

const KEY = 'lancell.firewall.direction';

/** Zones; '' is all of them, 'Any' the rules that say Any. */
export function chosenWay() {
  try {
    const { from, to } = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    return { from: typeof from === 'string' ? from : '', to: typeof to === 'string' ? to : '' };
  } catch {
    return { from: '', to: '' };
  }
}

export function chooseWay(from, to) {
  sessionStorage.setItem(KEY, JSON.stringify({ from, to }));
}
