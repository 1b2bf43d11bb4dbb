import { beforeEach, expect, test, vi } from 'vitest';

type Handler = (message: unknown) => void;
type Asked = { after: number; answer: (backlog: { seq: number; messages: unknown[] }) => void };

const asked: Asked[] = [];
const handlers = new Map<string, Handler>();
const socket = {
  connected: true,
  on: (name: string, handler: Handler) => handlers.set(name, handler),
  connect: vi.fn(),
  close: vi.fn(),
  emit: (name: string, wanted: { after: number }, answer: Asked['answer']) => {
    if (name === 'watch') asked.push({ after: wanted.after, answer });
  },
};

vi.mock('socket.io-client', () => ({ io: () => socket }));
vi.mock('./session.svelte', () => ({ session: { slug: 'wutong' } }));

const fact = (seq: number, previous: number) => ({ seq, previous, room: 'gate', kind: 'k', at: '', data: {} });
const arrive = (seq: number, previous: number) => handlers.get('fact')!(fact(seq, previous));

let told: number[];

beforeEach(async () => {
  vi.resetModules();
  asked.length = 0;
  told = [];
  const { live } = await import('./live.svelte');
  live.watch('gate', (one) => told.push(one.seq));
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  asked[0]!.answer({ seq: 10, messages: [] });
});

test('facts that follow one another are told as they come', () => {
  arrive(12, 9);
  arrive(15, 12);
  expect(told).toEqual([12, 15]);
  expect(asked).toHaveLength(1);
});

test('a fact whose predecessor never came waits until both are fetched', () => {
  arrive(15, 12);
  expect(told).toEqual([]);
  expect(asked[1]!.after).toBe(10);
  arrive(16, 15);
  asked[1]!.answer({ seq: 15, messages: [fact(12, 9), fact(15, 12)] });
  expect(told).toEqual([12, 15, 16]);
});

test('a fact that comes twice is told once', () => {
  arrive(12, 9);
  arrive(12, 9);
  expect(told).toEqual([12]);
});

test('a socket that the server closed is opened again, with the rights of then', () => {
  handlers.get('disconnect')!('io server disconnect');
  expect(socket.connect).toHaveBeenCalledOnce();
});
