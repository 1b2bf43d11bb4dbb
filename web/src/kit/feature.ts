import type { Component } from 'svelte';
import type { IconName } from './icons';
import type { Role } from './session.svelte';
import type { Text } from './text.svelte';

/** A page; its parameters are the named parts of its path. */
export interface Screen {
  path: string;
  /** Who may see it: everyone, whoever signed in, or some roles. The server decides again. */
  who: 'anyone' | 'signed-in' | readonly Role[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each screen has parameters of its own
  load: () => Promise<{ default: Component<any> }>;
}

/** A door on the home page of some roles. */
export interface Tile {
  path: string;
  label: Text;
  hint?: Text;
  icon: IconName;
  who: readonly Role[];
  /** Lower comes first; the first four of a resident are the big ones. */
  order: number;
}

/** Something to say about an entrance of the compound. */
export interface Spot {
  entrance_id: string;
  /** Short, as it stands on the map. */
  mark: string;
  note: string;
  tone: 'red' | 'amber' | 'blue';
}

/** What a feature lays over the compound's map, for those with a right to it. */
export interface MapLayer {
  key: string;
  name: Text;
  who: readonly Role[];
  /** The live room whose news make it stale. */
  room: string;
  load: () => Promise<readonly Spot[]>;
}

export interface PickedLine {
  text: string;
  quantity: number;
  item_id: string | null;
}

/** What a folder of features/ or core/ adds to the app; the app finds it by its file's name, feature.ts. */
export interface Feature {
  /** The server's module; its screens and tiles are there only where the community has it on. */
  module: string;
  screens: readonly Screen[];
  tiles?: readonly Tile[];
  mapLayers?: readonly MapLayer[];
  /** Tries to send what lies on this phone only; returns how many steps are left. Signing out would lose them. */
  leftOnPhone?: () => Promise<number>;
  /** What a feature knows of a need, on the need's own page; `needState` is the need's. */
  needPanel?: () => Promise<{ default: Component<{ needId: string; needState: string }> }>;
  /** Goods that a need's lines can be picked from; changes the lines that it is given. */
  linePicker?: () => Promise<{ default: Component<{ lines: PickedLine[] }> }>;
}

const found = import.meta.glob<{ default: Feature }>(['../core/*/feature.ts', '../features/*/feature.ts'], { eager: true });
export const features: readonly Feature[] = Object.values(found).map((file) => file.default);

/** Let every part of the app send what lies on this phone only; returns how many steps are left. */
export async function leftOnPhone(): Promise<number> {
  const counts = await Promise.all(features.map((feature) => feature.leftOnPhone?.() ?? 0));
  return counts.reduce((sum, count) => sum + count, 0);
}
