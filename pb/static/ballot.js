// Finding and comparing inside the ballot, over what is on the page already: a choice is never hidden from the form.
const words = document.querySelector('#words').dataset;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const MOST = 3; // projects side by side

const isChosen = item => Boolean(item.querySelector('input[name]:checked'))
  || [...item.querySelectorAll('select[name], input[inputmode=numeric][name]')].some(field => Number(field.value) > 0);
const numberOf = item => Number(item.querySelector('h3').id.split('-')[1]); // "a1-14-title"

function finder(tools) {
  const list = tools.closest('section').querySelector('.cards, .ranks'), items = [...list.children];
  const [word, show, sort] = ['word', 'show', 'sort'].map(name => tools.querySelector(`[data-${name}]`));
  const shown = tools.querySelector('[data-shown]'), texts = new Map();
  let waiting;
  const textOf = item => texts.get(item) ?? texts.set(item, plain(item.textContent)).get(item);
  const wanted = { all: () => true, chosen: isChosen, fits: item => isChosen(item) || Boolean(item.querySelector('input[name]')) && !item.classList.contains('is-nofit') };

  function filter() {
    const asked = plain(word.value).split(/\s+/).filter(Boolean);
    let n = 0;
    items.forEach(item => {
      const match = wanted[show.value](item) && asked.every(part => textOf(item).includes(part));
      if (item.hidden === match) item.hidden = !match;
      n += match;
    });
    clearTimeout(waiting); // said once the person pauses
    const all = items.length;
    waiting = setTimeout(() => { shown.textContent = n === all ? '' : n ? fill(words.shown, { n, all }) : words.noneShown; }, 600);
  }

  const orders = {
    drawn: () => items,
    cheapest: () => [...items].sort((a, b) => a.dataset.cost - b.dataset.cost || numberOf(a) - numberOf(b)),
    number: () => [...items].sort((a, b) => numberOf(a) - numberOf(b)),
  };
  word.addEventListener('input', filter);
  word.addEventListener('keydown', event => { if (event.key === 'Enter') event.preventDefault(); }); // it sends nothing
  show.addEventListener('change', filter);
  sort?.addEventListener('change', () => list.append(...orders[sort.value]()));
  tools.addEventListener('change', event => event.stopPropagation());
  tools.querySelector('[data-compare]')?.addEventListener('click', event => comparing(event.currentTarget, items));
}

// Comparing: a box on every card while the button is pressed, and the window opens from the second one on.
const picked = new Map();
const dialog = document.querySelector('#compare');

function comparing(button, items) {
  const on = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(on));
  items.forEach(item => {
    if (on) return item.append(boxFor(item));
    item.querySelector('.compare').remove();
    picked.delete(item);
  });
  offer();
}

function boxFor(item) {
  const made = document.querySelector('#t-compare').content.firstElementChild.cloneNode(true), box = made.querySelector('input');
  const word = made.querySelector('span'), title = item.querySelector('h3');
  word.id = `compare-${title.id}`;
  box.setAttribute('aria-labelledby', `${word.id} ${title.id}`);
  box.addEventListener('change', event => {
    event.stopPropagation();
    const full = box.checked && picked.size >= MOST;
    if (full) box.checked = false; else if (box.checked) picked.set(item, made); else picked.delete(item);
    offer();
    made.querySelector('[role=status]').textContent = full ? words.compareFull : '';
  });
  made.querySelector('button').addEventListener('click', open);
  return made;
}

function offer() {
  document.querySelectorAll('.compare').forEach(made => {
    const button = made.querySelector('button');
    button.hidden = picked.size < 2 || !made.querySelector('input').checked;
    button.textContent = fill(words.compareNow, { n: picked.size });
  });
}

const row = (name, ...cells) => {
  const made = document.createElement('div'), head = Object.assign(document.createElement('dt'), { textContent: name });
  const body = document.createElement('dd');
  body.append(...cells);
  made.append(head, body);
  return made;
};

function column(item) {
  const made = document.createElement('section'), title = item.querySelector('h3').cloneNode(true), facts = document.createElement('dl');
  const text = item.querySelector('.prewrap').cloneNode(true), area = item.closest('section').querySelector('h2 [data-area]').cloneNode(true);
  title.removeAttribute('id');
  facts.append(row(words.compareCost, item.querySelector('.card__cost').textContent), row(words.compareFor, area), row(words.compareText, text), row(words.compareNumber, String(numberOf(item))));
  made.className = 'stack stack-s';
  made.append(title, facts);
  return made;
}

function open() {
  dialog.querySelector('[data-columns]').replaceChildren(...[...picked.keys()].map(column));
  dialog.showModal();
}

dialog?.querySelector('button').addEventListener('click', () => dialog.close());
document.querySelectorAll('[data-tools]').forEach(finder);
