/** A locally administered address that is the same each time for a name: 02:6c and the FNV-1a hash of the name. */
export function macFromName(name: string): Uint8Array {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return Uint8Array.of(0x02, 0x6c, h >>> 24, h >>> 16, h >>> 8, h);
}
