import type { Schemas } from '../../kit/api';

type Task = Schemas['TasksOut.TaskOut'];

/** One visit or one call: a home, and everyone there who has not reported. */
export interface Visit {
  home_id: string;
  home_label: string;
  floor: number;
  rung: Task['rung'];
  order_id: string;
  isSupplyAsked: boolean;
  tasks: Task[];
}

/** Put the tasks of a home on one card, where its first one stands; a worker knocks once. */
export function visits(tasks: readonly Task[]): Visit[] {
  const cards = new Map<string, Visit>();
  for (const task of tasks) {
    const key = `${task.home_id} ${task.rung}`;
    const card = cards.get(key) ?? { home_id: task.home_id, home_label: task.home_label, floor: task.floor, rung: task.rung, order_id: task.order_id, isSupplyAsked: task.is_supply_asked, tasks: [] };
    card.tasks.push(task);
    cards.set(key, card);
  }
  return [...cards.values()];
}
