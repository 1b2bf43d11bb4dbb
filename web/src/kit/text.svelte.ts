/** Words for people, in Chinese and in English side by side: a text that lacks one of the two does not compile. */

export type Locale = 'zh-CN' | 'en';
export type Text = readonly [zh: string, en: string];
type Params = Record<string, string | number>;

const KEPT = 'linli.locale';

function firstLocale(): Locale {
  if (typeof localStorage === 'undefined') return 'zh-CN';
  const kept = localStorage.getItem(KEPT);
  if (kept === 'en' || kept === 'zh-CN') return kept;
  // Chinese first: English only for a reader whose browser asks for no Chinese at all.
  return navigator.languages.some((l) => l.startsWith('zh')) || !navigator.languages[0]?.startsWith('en') ? 'zh-CN' : 'en';
}

class Reader {
  locale = $state<Locale>(firstLocale());

  speak(locale: Locale): void {
    this.locale = locale;
    localStorage.setItem(KEPT, locale);
    document.documentElement.lang = locale;
  }
}

export const reader = new Reader();

/** Fill in `{name}`; `{name|stop|stops}` picks the word by number. */
export function fill(pattern: string, params: Params): string {
  return pattern.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = params[name] ?? '';
    if (one === undefined || many === undefined) return String(value);
    return `${value} ${value === 1 ? one : many}`;
  });
}

/** Say a text in the reader's language. */
export function say(text: Text, params: Params = {}): string {
  return fill(reader.locale === 'en' ? text[1] : text[0], params);
}

/** Return the speaker of a catalogue: `const t = texts({...}); t('title')`. */
export function texts<K extends string>(catalogue: Record<K, Text>): (key: K, params?: Params) => string {
  return (key, params) => say(catalogue[key], params);
}

/** Say what a code means; a code that a newer server knows and this page does not is shown as it is. */
export function sayCode(catalogue: Readonly<Record<string, Text>>, code: string): string {
  const text = catalogue[code];
  return text ? say(text) : code;
}

/** Put words in a row as the reader's language does. */
export function list(words: readonly string[]): string {
  return words.join(reader.locale === 'en' ? ', ' : '、');
}
