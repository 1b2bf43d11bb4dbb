import { reader } from '../../kit/text.svelte';

/** The item's name as the reader reads it. */
export function itemName(item: { name: string; name_en: string }): string {
  return reader.locale === 'en' && item.name_en ? item.name_en : item.name;
}
