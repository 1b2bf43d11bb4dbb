/** For when somebody asks for a pass, as two instants. */
export type Span = 'today' | 'tomorrow' | 'week' | 'two_weeks';
export const SPANS: readonly Span[] = ['today', 'tomorrow', 'week', 'two_weeks'];

export function period(span: Span, now: Date): { from_at: string; until_at: string } {
  const midnight = (days: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  const from = span === 'tomorrow' ? midnight(1) : now;
  const until = { today: midnight(1), tomorrow: midnight(2), week: midnight(7), two_weeks: midnight(14) }[span];
  return { from_at: from.toISOString(), until_at: until.toISOString() };
}
