import { Problem, type FieldError } from './problem';

/** One thing a person tries: busy or not, and what went wrong. */
export class Attempt {
  isBusy = $state(false);
  error = $state<Error | null>(null);

  get fields(): FieldError[] {
    return this.error instanceof Problem ? this.error.fields : [];
  }

  /** Do it; true if it worked. A second tap while busy does nothing. */
  async run(action: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.error = null;
    try {
      await action();
      return true;
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  refuse(message: string): void {
    this.error = new Error(message);
  }
}
