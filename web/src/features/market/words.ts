import type { Schemas } from '../../kit/api';
import type { Text } from '../../kit/text.svelte';

export type Order = Schemas['OrdersOut']['items'][number];
type State = Order['state'];

export const ORDER_STATES: Readonly<Record<State, { name: Text; colour: string }>> = {
  placed: { name: ['新订单', 'New'], colour: 'amber' },
  accepted: { name: ['待拣货', 'To pick'], colour: 'blue' },
  rejected: { name: ['已拒绝', 'Rejected'], colour: '' },
  packed: { name: ['已打包', 'Packed'], colour: 'green' },
  handed_over: { name: ['已交出', 'Handed over'], colour: 'green' },
  cancelled: { name: ['已取消', 'Cancelled'], colour: '' },
};

type Item = Schemas['ItemsOut']['items'][number];
type Shop = Schemas['MerchantsOut']['items'][number];
export type Goods = Schemas['StocksOut']['items'][number];

export const CATEGORIES: Readonly<Record<Item['category'], Text>> = {
  vegetables: ['蔬菜', 'Vegetables'],
  fruit: ['水果', 'Fruit'],
  meat: ['肉', 'Meat'],
  fish: ['水产', 'Fish'],
  eggs_dairy: ['蛋奶', 'Eggs and dairy'],
  staples: ['粮油', 'Staples'],
  snacks: ['零食', 'Snacks'],
  drinks: ['饮料', 'Drinks'],
  household: ['日用品', 'Household'],
  baby: ['母婴', 'Baby'],
  infant_formula: ['婴儿配方奶粉', 'Infant formula'],
  medicine: ['药品', 'Medicine'],
  pets: ['宠物', 'Pets'],
  other: ['其他', 'Other'],
};

export const ALLERGENS: Readonly<Record<Item['allergens'][number], Text>> = {
  gluten: ['麸质', 'gluten'],
  crustaceans: ['甲壳类', 'crustaceans'],
  fish: ['鱼', 'fish'],
  eggs: ['蛋', 'eggs'],
  peanuts: ['花生', 'peanuts'],
  soy: ['大豆', 'soy'],
  milk: ['奶', 'milk'],
  nuts: ['坚果', 'nuts'],
};

export const STORAGES: Readonly<Record<Item['storage'], Text>> = {
  ambient: ['常温', 'Ambient'],
  chilled: ['冷藏', 'Chilled'],
  frozen: ['冷冻', 'Frozen'],
};

export const SHOP_STATES: Readonly<Record<Shop['state'], { name: Text; colour: string }>> = {
  applied: { name: ['待审核', 'To be checked'], colour: 'amber' },
  checked: { name: ['停业', 'Closed'], colour: '' },
  open: { name: ['营业', 'Open'], colour: 'green' },
  refused: { name: ['未通过', 'Refused'], colour: 'red' },
  suspended: { name: ['已停牌', 'Suspended'], colour: 'red' },
};

export const CAUSES: Readonly<Record<Schemas['StockHistoryOut']['changes'][number]['cause'], Text>> = {
  stocked: ['上架', 'Listed'],
  counted: ['盘点', 'Counted'],
  priced: ['改价', 'New price'],
  packed: ['打包出库', 'Packed'],
  gone: ['实际缺货', 'Shelf was empty'],
  imported: ['批量录入', 'From a table'],
};

// The keys of the catalogues with their texts, as choices.
export const CATEGORY_CHOICE = Object.entries(CATEGORIES) as [Item['category'], Text][];
export const ALLERGEN_CHOICE = Object.entries(ALLERGENS) as [Item['allergens'][number], Text][];
export const STORAGE_CHOICE = Object.entries(STORAGES) as [Item['storage'], Text][];
