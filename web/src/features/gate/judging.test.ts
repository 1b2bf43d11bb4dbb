import { describe, expect, it } from 'vitest';
import { fromBase45, readCode, toBase45 } from './codec';
import { judge, type Seen, type Shown } from './judging';
import { openList, type GateList } from './list';

/** Made by the server's own code: 2026-03-02 09:00 UTC, serials 12345 (a phone) and 7 (paper, exempt). */
const ROTATING = 'V50000F460GD09JHHFC+AS8IIXAY68FHMQITLTH+9I-$GY6TU5OGJS6FIC*LP0J-CAKPL/*1-AVX%G-%DW8OXI0DODFS5IT43EW8PQHXJ47P5:BN2I *QOILGR68$51RNIXR6JEYIN60M%IBQY4PJ6WCJ/RA9JQ1K0TNGY*3QQU1 PI6F7*RN 1N3B7AKAL52-T077Y/CSLK$OOCZ58TC/ M161Y%6$21 SP-JM-YS*+J%4BGRHR.1AXE924U-V*TD71O';
const PAPER = 'IC20007000GD09J:O1BF3YUJ2 3TOC.XS%IGCKIZ5OX%3Y.S8WUC:0WL9C440CHLH43JOICSA:VHW4OME:86SDW56SSFODOA4AQ1/U9RJX9GJRK';
const LIST = {
  payload: '{"blocked":"AAAAAAk=","closed_gates":["shut"],"community":"00000000-0000-7000-8000-000000000001","fever_tenths":373,"gates":[],"hours":[[420,1200]],"issued_at":"2026-03-02T08:50:00Z","key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","limit_min":30,"needs_reading":false,"numbers":"/fjUf8cghSY=","rule_version":1,"salt":"pepper","v":1,"zone":"Asia/Shanghai"}',
  signature: 'beTsm6r2pDuN69ICZ3ZcackfeDiLR7zIol6QpFauBdZ8xc1AddGeMSVPndXONoxnCS5C5gVl5Gg8uajewGW5Bw==',
};
const NOW = Date.parse('2026-03-02T09:00:00Z');
const OUT: Shown = { how: 'code', text: ROTATING, direction: 'out', gateId: 'east', reading_tenths: null };

async function list(): Promise<GateList> {
  const opened = await openList(LIST, null);
  if (!opened) throw new Error('the list does not verify');
  return opened;
}

async function codes(shown: Partial<Shown>, now = NOW, seen: Seen = {}, change: Partial<GateList> = {}): Promise<string[]> {
  const judged = await judge({ ...OUT, ...shown }, { ...(await list()), ...change }, seen, now);
  return [judged.outcome, ...judged.reasons.map((reason) => reason.code)];
}

describe('a code', () => {
  it('is read as the server wrote it', () => {
    expect(readCode(ROTATING)).toMatchObject({ kind: 'rotating', serial: '0000003039', isExempt: false });
    expect(readCode(PAPER)).toMatchObject({ kind: 'paper', serial: '0000000007', isExempt: true, device: null });
    expect(toBase45(fromBase45(ROTATING) ?? new Uint8Array())).toBe(ROTATING);
  });

  it('lets out without network, and no code with a bit flipped does', async () => {
    expect(await codes({})).toEqual(['allow']);
    expect(await codes({ text: PAPER, how: 'paper' })).toEqual(['allow']);
    const raw = fromBase45(ROTATING) ?? new Uint8Array();
    // Every bit is tried on the server; here every byte, which goes through the other implementation.
    for (let at = 0; at < raw.length; at += 1) {
      const flipped = raw.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << at % 8);
      expect((await codes({ text: toBase45(flipped) }))[0]).toBe('deny');
    }
  });

  it('is refused without one word of why when the list blocks it', async () => {
    expect(await codes({}, NOW, {}, { blocked: new Set(['0000003039']) })).toEqual(['deny', 'blocked']);
  });

  it('opens once', async () => {
    const judged = await judge(OUT, await list(), {}, NOW);
    expect(await codes({}, NOW, { [judged.use ?? '']: NOW })).toEqual(['deny', 'double_use']);
    expect(await codes({ text: PAPER }, NOW + 60_000, { '0000000007': NOW })).toEqual(['deny', 'already_out']);
    expect(await codes({ text: PAPER }, NOW + 1_860_000, { '0000000007': NOW })).toContain('stale');
  });

  it('tells a clock that is off from an old code', async () => {
    expect(await codes({}, NOW + 30_000)).toEqual(['allow']);
    expect(await codes({}, NOW + 480_000)).toEqual(['deny', 'clock_off']);
    expect(await codes({}, NOW - 600_000)).toEqual(['deny', 'clock_off']);
    expect(await codes({}, NOW + 660_000)).toEqual(['deny', 'code_old']);
    expect(await codes({}, NOW + 6 * 3_600_000)).toEqual(['deny', 'stale', 'expired', 'code_old', 'hours']);
  });
});

describe('the list', () => {
  it('is refused with another signature or another key', async () => {
    expect(await openList({ ...LIST, payload: LIST.payload.replace('30', '90') }, null)).toBeNull();
    expect(await openList(LIST, 'another')).toBeNull();
  });

  it('past its limit lets nobody out and everybody in', async () => {
    expect(await codes({}, NOW + 20 * 60_000 + 1)).toContain('stale');
    expect((await judge({ ...OUT, direction: 'in' }, null, {}, NOW)).outcome).toBe('admit');
    expect((await judge(OUT, null, {}, NOW)).reasons).toEqual([{ code: 'stale' }]);
  });

  it('knows six digits, hours, closed gates and fevers', async () => {
    expect(await codes({ how: 'number', text: '123456' })).toEqual(['allow']);
    expect(await codes({ how: 'number', text: '123457' })).toEqual(['deny', 'unknown']);
    expect(await codes({ gateId: 'shut' })).toEqual(['deny', 'gate_closed']);
    expect(await codes({ reading_tenths: 373 })).toEqual(['deny', 'reading_high']);
    expect(await codes({}, NOW, {}, { hours: [[420, 1000]] })).toEqual(['deny', 'hours']);
    expect(await codes({ text: PAPER }, NOW, {}, { hours: [[420, 1000]] })).toEqual(['allow']);
    expect(await codes({}, NOW, {}, { gates: ['west'] })).toEqual(['deny', 'gate']);
    expect(await codes({}, NOW, {}, { needs_reading: true })).toEqual(['deny', 'reading_missing']);
  });
});
