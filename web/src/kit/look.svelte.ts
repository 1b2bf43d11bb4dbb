/** How the page looks to this reader: elder mode, text size, dark or light. Kept on the device. */

export type Shade = 'auto' | 'light' | 'dark';
const ELDER = 'linli.elder';
const SIZE = 'linli.size';
const SHADE = 'linli.shade';
const SIZES = [20, 24, 30] as const;

class Look {
  isElder = $state(localStorage.getItem(ELDER) === 'yes');
  size = $state(Number(localStorage.getItem(SIZE)) || SIZES[0]);
  shade = $state<Shade>((localStorage.getItem(SHADE) as Shade | null) ?? 'auto');

  /** Show it: one class and two attributes on the root; the style sheets do the rest. */
  apply(): void {
    const root = document.documentElement;
    root.classList.toggle('elder', this.isElder);
    root.dataset['size'] = String(this.size);
    root.dataset['shade'] = this.shade;
  }

  /** What the person chose elsewhere holds here too, unless this device was told otherwise. */
  follow(wantsElder: boolean): void {
    if (localStorage.getItem(ELDER) === null) {
      this.isElder = wantsElder;
      this.apply();
    }
  }

  setElder(on: boolean): void {
    this.isElder = on;
    localStorage.setItem(ELDER, on ? 'yes' : 'no');
    this.apply();
  }

  setSize(size: number): void {
    this.size = size;
    localStorage.setItem(SIZE, String(size));
    this.apply();
  }

  setShade(shade: Shade): void {
    this.shade = shade;
    localStorage.setItem(SHADE, shade);
    this.apply();
  }
}

export const look = new Look();
export const ELDER_SIZES = SIZES;
