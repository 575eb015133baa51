// Points papers: buttons beside plain number fields, and the points left. The fields are what is sent.
const lang = document.documentElement.lang;
const plural = new Intl.PluralRules(lang);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

function pointsPaper(root) {
  const words = root.querySelector('[data-points]').dataset, limit = Number(root.dataset.limit), each = Number(words.each);
  const find = name => root.querySelector(`[data-${name}]`);
  const points = n => fill(words[plural.select(n) === 'one' ? 'countOne' : 'countMany'], { n });
  const rows = [...root.querySelectorAll('.card input[inputmode=numeric]')].map(input => {
    const title = input.closest('.card').querySelector('h3');
    return { input, name: title.textContent, lang: title.lang || lang, buttons: [...input.parentElement.querySelectorAll('[data-step]')] };
  });
  const whole = row => /^\s*\d*\s*$/.test(row.input.value);
  const given = row => (whole(row) ? Number(row.input.value) : 0);
  const left = () => limit - rows.reduce((sum, row) => sum + given(row), 0);
  let waiting;

  function say(text) { // once the person pauses: a button is pressed many times in a row
    clearTimeout(waiting);
    waiting = setTimeout(() => { find('say').textContent = text; }, 500);
  }

  const unreadable = row => fill(words.whole, { name: row.name });
  function state() {
    const wrong = rows.find(row => !whole(row));
    if (wrong) return unreadable(wrong);
    if (left() < 0) return fill(words.over, { points: points(-left()) });
    return left() === limit ? words.none : left() ? '' : words.full;
  }

  function draw() {
    find('left').textContent = Math.max(0, left());
    find('fits').textContent = state();
    find('list').replaceChildren(...rows.filter(given).map(row => {
      const li = document.createElement('li'), name = document.createElement('span'), b = document.createElement('b');
      name.textContent = row.name; name.lang = row.lang; b.textContent = given(row);
      li.append(name, b);
      return li;
    }));
    rows.forEach(row => {
      const [less, more] = row.buttons;
      less.setAttribute('aria-disabled', String(!given(row)));
      more.setAttribute('aria-disabled', String(left() < 1 || given(row) >= each));
    });
  }

  root.addEventListener('click', event => {
    const button = event.target.closest('[data-step]'), row = rows.find(r => r.buttons.includes(button));
    if (!row) return;
    const step = Number(button.dataset.step);
    if (step > 0 && given(row) >= each) return say(fill(words.fullEach, { points: points(each) }));
    if (step > 0 && left() < 1) return say(words.full);
    row.input.value = Math.max(0, given(row) + step) || '';
    row.input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  root.addEventListener('change', event => {
    const row = rows.find(r => r.input === event.target);
    if (!row) return;
    draw();
    if (!whole(row)) return say(unreadable(row));
    const rest = given(row) > each ? fill(words.fullEach, { points: points(each) }) : left() < 0 ? state() : fill(words.rest, { n: left() });
    say(`${fill(words.said, { name: row.name, points: points(given(row)) })} ${rest}`);
  });
  addEventListener('pageshow', draw); // the browser may have put old numbers back
  draw();
}

document.querySelectorAll('[data-paper="points"]').forEach(pointsPaper);
