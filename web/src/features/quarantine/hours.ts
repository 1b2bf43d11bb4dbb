/** Full hours from what somebody typed ("9, 19", "９、１９"), in order; null if there is something else in it. */
export function hoursOf(typed: string): number[] | null {
  const parts = typed.normalize('NFKC').split(/[\s,，、;；]+/).filter(Boolean);
  const hours = parts.map((part) => (/^\d{1,2}(:00)?$/.test(part) ? Number.parseInt(part, 10) : NaN));
  if (hours.length === 0 || hours.some((hour) => !(hour >= 0 && hour <= 23))) return null;
  return [...new Set(hours)].sort((a, b) => a - b);
}
