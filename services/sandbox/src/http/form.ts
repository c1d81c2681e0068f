/** A value of a bracketed form: `metadata[order_id]=7` is a text inside a form inside a form. */
export type FormValue = string | readonly FormValue[] | { readonly [name: string]: FormValue };
export type Form = Readonly<Record<string, FormValue>>;

/** Names, as sent, with their texts; a repeated name has several. */
export type FlatForm = Readonly<Record<string, string | readonly string[]>>;

/** `a[b][c]`: deeper than anything in our subset of Stripe, shallow enough for a hostile body. */
const DEPTH_MAX = 5;

type Tree = Map<string, string | Tree>;

/** Reads Stripe's brackets: `created[gte]`, `metadata[order_id]`, `expand[]`, `expand[0]`. Undefined: not such a form. */
export function parseForm(flat: FlatForm): Form | undefined {
  const root: Tree = new Map();
  for (const [name, texts] of Object.entries(flat)) {
    const path = pathOf(name);
    if (path === undefined) return undefined;
    for (const text of typeof texts === 'string' ? [texts] : texts) {
      if (!place(root, path, text)) return undefined;
    }
  }
  return formOf(root);
}

function pathOf(name: string): string[] | undefined {
  const match = /^(?<head>[^[\]]+)(?<rest>(?:\[[^[\]]*\])*)$/.exec(name);
  const head = match?.groups?.['head'];
  if (head === undefined) return undefined;
  const path = [head, ...(match?.groups?.['rest'] ?? '').split(/[[\]]+/).slice(1, -1)];
  if (name.endsWith('[]')) path.push('');
  return path.length > DEPTH_MAX || path.includes('__proto__') ? undefined : path;
}

function place(root: Tree, path: readonly string[], text: string): boolean {
  let tree = root;
  for (const step of path.slice(0, -1)) {
    const next = tree.get(step) ?? new Map<string, never>();
    if (typeof next === 'string') return false;
    tree.set(step, next);
    tree = next;
  }
  const last = path.at(-1) || String(tree.size);
  if (tree.has(last)) return false;
  tree.set(last, text);
  return true;
}

function formOf(tree: Tree): Form {
  return Object.fromEntries(
    Array.from(tree, ([name, value]) => [name, typeof value === 'string' ? value : valueOf(value)]),
  );
}

/** Numbered steps are a list. */
function valueOf(tree: Tree): FormValue {
  const isList = [...tree.keys()].every((key, index) => key === String(index));
  const form = formOf(tree);
  return isList ? Object.values(form) : form;
}
