import { expect, test, vi } from 'vitest';
import { Offline, Problem } from '../../kit/problem';
import { Queue, type Queued, type Shelf } from './queue.svelte';

const step = (path: string): Omit<Queued, 'key'> => ({ community: 'wutong', path, body: {}, stopId: path });
const nowhere: Shelf = { read: async () => [], keep: async () => {} };

test('steps taken without a network go out later, each once and in their order', async () => {
  vi.useFakeTimers();
  let isOnline = false;
  const sent: string[] = [];
  const queue = new Queue(async ({ path }) => {
    if (!isOnline) throw new Offline();
    sent.push(path);
  }, nowhere);
  await queue.add(step('/a'));
  await queue.add(step('/b'));
  expect(queue.waiting.length).toBe(2);
  isOnline = true;
  await queue.flush();
  expect(sent).toEqual(['/a', '/b']);
  expect(queue.waiting).toEqual([]);
  vi.useRealTimers();
});

test('a step keeps its key through every try', async () => {
  vi.useFakeTimers();
  const keys: string[] = [];
  const queue = new Queue(async ({ key }) => {
    keys.push(key);
    if (keys.length === 1) throw new Offline();
  }, nowhere);
  await queue.add(step('/a'));
  await queue.flush();
  expect(keys[0]).toBe(keys[1]);
  vi.useRealTimers();
});

test('what the server refuses is set aside and told, and the rest goes on', async () => {
  const sent: string[] = [];
  const queue = new Queue(async ({ path }) => {
    if (path === '/bad') throw new Problem('deliveries.stop_settled', 409, '这一站已有结果');
    sent.push(path);
  }, nowhere);
  await queue.add(step('/bad'));
  await queue.add(step('/good'));
  expect(sent).toEqual(['/good']);
  expect(queue.refused.map((r) => r.message)).toEqual(['这一站已有结果']);
});

test('a server that is away for a moment loses nothing', async () => {
  vi.useFakeTimers();
  const queue = new Queue(async () => {
    throw new Problem('http.database_away', 503, '稍后');
  }, nowhere);
  await queue.add(step('/a'));
  expect(queue.waiting.length).toBe(1);
  expect(queue.refused).toEqual([]);
  vi.useRealTimers();
});

test('an unsent step can be taken back, a sent one cannot', async () => {
  vi.useFakeTimers();
  const away = new Queue(async () => {
    throw new Offline();
  }, nowhere);
  await away.add(step('/a'));
  expect(await away.takeBack('/a')).toBe(true);
  expect(away.waiting).toEqual([]);
  expect(await away.takeBack('/a')).toBe(false);
  vi.useRealTimers();
});

test('taking a second try back leaves the undo of the first in the queue', async () => {
  vi.useFakeTimers();
  const away = new Queue(async () => {
    throw new Offline();
  }, nowhere);
  await away.add({ ...step('/undo'), stopId: 'a' });
  await away.add({ ...step('/finish'), stopId: 'a' });
  expect(await away.takeBack('a')).toBe(true);
  expect(away.waiting.map((s) => s.path)).toEqual(['/undo']);
  vi.useRealTimers();
});

test('coming back to the page takes up what was kept once, and counts nothing twice', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('addEventListener', () => undefined);
  let kept: Queued[] = [{ ...step('/before'), key: 'k' }];
  const shelf: Shelf = { read: async () => kept, keep: async (steps) => void (kept = steps) };
  const away = new Queue(async () => {
    throw new Offline();
  }, shelf);
  await away.open();
  await away.add(step('/now'));
  await away.open();
  expect(away.waiting.map((s) => s.path)).toEqual(['/before', '/now']);
  expect(away.left).toBe(2);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('whoever waits for the sending waits to its end, though another began it', async () => {
  let arrive = (): void => {};
  const queue = new Queue(() => new Promise<void>((resolve) => (arrive = resolve)), nowhere);
  const begun = queue.add(step('/a'));
  await Promise.resolve();
  const mine = queue.flush().then(() => queue.left);
  arrive();
  await begun;
  expect(await mine).toBe(0);
});
