export const byId = (id) => document.getElementById(id);

/** Text is only ever set as text: a subject of a mail is written by somebody else. */
export function cell(text, className = '') {
  const element = document.createElement('td');
  element.textContent = text ?? '';
  element.className = className;
  return element;
}

export function row(cells) {
  const element = document.createElement('tr');
  element.append(...cells);
  return element;
}

export function button(text, onClick) {
  const element = Object.assign(document.createElement('button'), { type: 'button', textContent: text });
  element.addEventListener('click', onClick);
  return element;
}

export function cellWith(element) {
  const holder = cell('');
  holder.append(element);
  return holder;
}
