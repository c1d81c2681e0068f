/** Markup that was written here. Only `html` makes it, and it escapes every value that is put into it. */
export interface Html {
  readonly markup: string;
}

export function html(parts: TemplateStringsArray, ...values: readonly string[]): Html {
  const markup = parts.map((part, index) => part + escape(values[index] ?? '')).join('');
  return { markup };
}

export const renderHtml = ({ markup }: Html): string => markup;

/** In text and in quoted attributes these five are all that can end the place that a value was put into. */
const escape = (value: string): string => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
