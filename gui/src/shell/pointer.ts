let held = false;
let waiting: (() => void)[] = [];

const down = (): void => { held = true; };
const up = (): void => {
  held = false;
  const now = waiting;
  waiting = [];
  // After the click that this release makes.
  setTimeout(() => { for (const go of now) go(); });
};
document.addEventListener('pointerdown', down, { capture: true, passive: true });
for (const what of ['pointerup', 'pointercancel'] as const) document.addEventListener(what, up, { capture: true, passive: true });

/**
 * Resolves when no mouse button or finger is down. Leaving a field with a press on a button changes the page (an error goes); if
 * that moved the button away from under the pointer, the click would be lost.
 */
export const released = (): Promise<void> => (held ? new Promise((resolve) => { waiting.push(resolve); }) : Promise.resolve());
