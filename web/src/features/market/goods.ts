import type { Schemas } from '../../kit/api';
import type { Goods } from './words';

/** What a form holds of goods; what is switched off is sent as nothing. */
export interface GoodsDraft {
  category: Goods['category'];
  storage: Goods['storage'];
  allergens: Goods['allergens'];
  barcode: string;
  weight_g: number;
  isWeighed: boolean;
  tolerance: number;
  isLimited: boolean;
  limitMost: number;
  limitDays: number;
}

const USUAL_TOLERANCE = 10;
const USUAL_DAYS = 7;

/** A form for new goods, or one that shows what the item is. */
export function draftOf(item?: Goods): GoodsDraft {
  return {
    category: item?.category ?? 'other',
    storage: item?.storage ?? 'ambient',
    allergens: [...(item?.allergens ?? [])],
    barcode: item?.barcode ?? '',
    weight_g: item?.weight_g ?? 500,
    isWeighed: item?.tolerance_percent != null,
    tolerance: item?.tolerance_percent ?? USUAL_TOLERANCE,
    isLimited: item?.limit_most != null,
    limitMost: item?.limit_most ?? 1,
    limitDays: item?.limit_days ?? USUAL_DAYS,
  };
}

type Fields = Required<Pick<Schemas['StockPatch'], 'barcode' | 'tolerance_percent' | 'limit_most' | 'limit_days'>> & Pick<Goods, 'category' | 'storage' | 'allergens' | 'weight_g'>;

export function fieldsOf(draft: GoodsDraft): Fields {
  return {
    category: draft.category,
    storage: draft.storage,
    allergens: draft.allergens,
    weight_g: draft.weight_g,
    barcode: draft.barcode.trim() || null,
    tolerance_percent: draft.isWeighed ? draft.tolerance : null,
    limit_most: draft.isLimited ? draft.limitMost : null,
    limit_days: draft.isLimited ? draft.limitDays : null,
  };
}

/** The barcode as its digits are kept: UPC-A is EAN-13 without its zero. */
export function sameCode(typed: string, kept: string | null): boolean {
  const code = typed.replaceAll(/\s/g, '');
  return kept !== null && kept === (code.length === 12 ? `0${code}` : code);
}
