import type { Text } from '../../kit/text.svelte';

export const ROLES: Readonly<Record<string, Text>> = {
  resident: ['居民', 'Resident'],
  volunteer: ['志愿者', 'Volunteer'],
  courier: ['配送员', 'Courier'],
  merchant: ['商户', 'Merchant'],
  guard: ['门岗', 'Guard'],
  grid_worker: ['网格员', 'Grid worker'],
  officer: ['居委会', 'Officer'],
  clinic: ['社区医生', 'Clinic'],
  admin: ['管理员', 'Administrator'],
};
