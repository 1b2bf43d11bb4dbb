/** Tenths of a degree from what somebody typed ("36.8", "36,8", "３６．８"), or null if it is no temperature. */
export function tenthsOf(typed: string): number | null {
  const plain = typed.normalize('NFKC').trim().replace(',', '.');
  if (!/^\d{2}(\.\d)?$/.test(plain)) return null;
  const tenths = Math.round(Number(plain) * 10);
  return tenths >= 340 && tenths <= 430 ? tenths : null;
}
