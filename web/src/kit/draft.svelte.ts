/** What somebody is writing, kept on the device until it is sent: nothing typed is ever lost. */
export class Draft<T extends object> {
  value: T;

  constructor(
    private readonly name: string,
    private readonly fresh: () => T,
  ) {
    const kept = localStorage.getItem(name);
    let value = fresh();
    if (kept) {
      try {
        value = { ...value, ...(JSON.parse(kept) as Partial<T>) };
      } catch {
        localStorage.removeItem(name);
      }
    }
    this.value = $state(value);
    $effect(() => localStorage.setItem(name, JSON.stringify(this.value)));
  }

  get isKept(): boolean {
    return JSON.stringify(this.value) !== JSON.stringify(this.fresh());
  }

  drop(): void {
    this.value = this.fresh();
    localStorage.removeItem(this.name);
  }
}
