import L from 'leaflet';
import type { Schemas } from '../../kit/api';
import type { Spot } from '../../kit/feature';

export type Compound = Schemas['MapOut'];
export interface Mark {
  x_m: number;
  y_m: number;
  label: string;
  isNext: boolean;
  isDone: boolean;
  /** A home under the red protocol. */
  isRed?: boolean;
}

/** An entrance in a zone: its building is tinted, whole or in part. */
export interface Tint {
  entrance_id: string;
  building_id: string;
  level: string;
}

type Point = readonly number[];

/** Metres to the east and north become Leaflet's (lat, lng) on a flat sheet. */
export const at = (point: Point): L.LatLngTuple => [point[1] ?? 0, point[0] ?? 0];
const all = (points: readonly Point[]): L.LatLngTuple[] => points.map(at);

function words(text: string, className: string): L.DivIcon {
  const element = document.createElement('span');
  element.textContent = text;
  return L.divIcon({ html: element, className, iconSize: undefined });
}

function laneClass(lane: Compound['lanes'][number]): string {
  const kind = lane.is_fire_lane ? 'fire' : lane.kind === 'service' || lane.width_cm >= 300 ? 'lane' : 'path';
  return `${kind}${lane.state === 'open' ? '' : ' closed'}${lane.is_oneway ? ' oneway' : ''}`;
}

/** The ground: what does not move. Colours come from the style sheet, so that dark is dark here too. */
export function drawGround(compound: Compound): L.Layer[] {
  const quiet = { interactive: false };
  const scenery = compound.scenery.map((s) => L.polygon(all(s.outline), { ...quiet, className: `map-scenery ${s.kind}` }));
  const buildings = compound.buildings.map((b) => L.polygon(all(b.outline), { ...quiet, className: `map-building ${b.use === 'apartments' ? 'homes' : ''}` }));
  return [L.polygon(all(compound.outline), { ...quiet, className: 'map-outline' }), ...scenery, ...buildings];
}

/** Strictest last, so that it lies on top. */
const LEVELS = ['low', 'mid', 'managed', 'high'];

export function drawTints(compound: Compound, tints: readonly Tint[]): L.Layer[] {
  const level = new Map(tints.map((tint) => [tint.entrance_id, tint.level]));
  const strictest = (of: readonly string[]): string => of.reduce((a, b) => (LEVELS.indexOf(b) > LEVELS.indexOf(a) ? b : a), '');
  const buildings = compound.buildings.flatMap((b) => {
    const doors = compound.entrances.filter((e) => e.building_id === b.id);
    const tinted = doors.flatMap((e) => level.get(e.id) ?? []);
    if (!tinted.length) return [];
    const part = tinted.length < doors.length ? ' part' : '';
    return [L.polygon(all(b.outline), { interactive: false, className: `map-zone ${strictest(tinted)}${part}` })];
  });
  const doors = compound.entrances
    .filter((e) => level.has(e.id))
    .map((e) => L.circleMarker(at([e.x_m, e.y_m]), { radius: 4, interactive: false, className: `map-zone-door ${level.get(e.id)}` }));
  return [...buildings, ...doors];
}

export function drawNames(compound: Compound): L.Layer[] {
  return compound.buildings
    .filter((b) => b.use !== 'shed')
    .map((b) => {
      const middle = L.polygon(all(b.outline)).getBounds().getCenter();
      return L.marker(middle, { interactive: false, keyboard: false, icon: words(b.label, 'map-name') });
    });
}

export function drawDoors(compound: Compound): L.Layer[] {
  const doors = compound.entrances.map((e) => L.circleMarker(at([e.x_m, e.y_m]), { radius: 2.5, interactive: false, className: 'map-door' }));
  const points = compound.standing_points.map((p) => L.circleMarker(at([p.x_m, p.y_m]), { radius: 4, interactive: false, className: 'map-point' }));
  const gates = compound.gates.map((g) =>
    L.marker(at([g.x_m, g.y_m]), { interactive: false, keyboard: false, icon: words(g.label, `map-gate${g.is_open ? '' : ' shut'}`) }),
  );
  return [...doors, ...points, ...gates];
}

export function drawLane(lane: Compound['lanes'][number]): L.Polyline {
  return L.polyline(all(lane.points), { className: `map-lane ${laneClass(lane)}`, interactive: false });
}

/** A wide invisible line over a lane: a thumb finds it. */
export function laneTouch(lane: Compound['lanes'][number]): L.Polyline {
  return L.polyline(all(lane.points), { className: 'map-touch', weight: 18 });
}

export function drawRoute(path: readonly Point[], others: readonly (readonly Point[])[], stops: readonly Mark[], carts: readonly { x_m: number; y_m: number }[]): L.Layer[] {
  const quiet = others.filter((way) => way.length > 1).map((way) => L.polyline(all(way), { className: 'map-other', interactive: false }));
  const line = path.length > 1 ? [L.polyline(all(path), { className: 'map-route', interactive: false })] : [];
  const marks = stops.map((stop) =>
    L.marker(at([stop.x_m, stop.y_m]), { interactive: false, keyboard: false, icon: words(stop.label, `map-stop${stop.isNext ? ' next' : ''}${stop.isDone ? ' done' : ''}${stop.isRed ? ' red' : ''}`) }),
  );
  const moving = carts.map((cart) => L.circleMarker(at([cart.x_m, cart.y_m]), { radius: 9, interactive: false, className: 'map-cart' }));
  return [...quiet, ...line, ...marks, ...moving];
}

/** A spot where its entrance is, with the entrance's name. */
export interface PlacedSpot extends Spot {
  x_m: number;
  y_m: number;
  place: string;
}

/** Put spots where their entrances are, by name; what the map does not know is left out. */
export function placed(compound: Compound, spots: readonly Spot[]): PlacedSpot[] {
  const doors = new Map(compound.entrances.map((entrance) => [entrance.id, entrance]));
  const buildings = new Map(compound.buildings.map((building) => [building.id, building.label]));
  const found = spots.flatMap((spot) => {
    const door = doors.get(spot.entrance_id);
    return door ? [{ ...spot, x_m: door.x_m, y_m: door.y_m, place: `${buildings.get(door.building_id) ?? ''}-${door.label}` }] : [];
  });
  return found.sort((a, b) => a.place.localeCompare(b.place, 'zh-CN', { numeric: true }));
}

/** What features lay over the map: a word with a tone; the page lists the same beside the map. */
export function drawSpots(spots: readonly PlacedSpot[]): L.Layer[] {
  const at_door = new Map<string, number>();
  return spots.map((spot) => {
    // Two layers have something to say of one entrance: side by side, not one over the other.
    const nth = at_door.get(spot.entrance_id) ?? 0;
    at_door.set(spot.entrance_id, nth + 1);
    const icon = words(spot.mark, `map-spot ${spot.tone}`);
    icon.options.iconAnchor = [-26 * nth, 0];
    return L.marker(at([spot.x_m, spot.y_m]), { interactive: false, keyboard: false, icon });
  });
}
