// Ranked papers: arrows and dragging on top of plain select boxes. The selects are what is sent.
const words = document.querySelector('#words').dataset;
const plural = new Intl.PluralRules(document.documentElement.lang);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

function ranking(list) {
  const most = Number(list.dataset.ranks), say = list.closest('section').querySelector('[data-say]');
  const select = row => row.querySelector('select');
  const rows = [...list.children].filter(select), rest = [...list.children].filter(row => !select(row));
  let placed, out;

  function read() { // from the select boxes, as the server or the browser filled them
    placed = rows.filter(row => select(row).value).sort((a, b) => select(a).value - select(b).value).slice(0, most);
    out = rows.filter(row => !placed.includes(row));
    draw();
  }

  function draw() {
    const focused = document.activeElement;
    list.append(...placed, ...out, ...rest);
    if (list.contains(focused)) { focused.focus({ preventScroll: true }); focused.scrollIntoView({ block: 'nearest' }); }
    rows.forEach(row => {
      const place = placed.indexOf(row) + 1, [up, down] = row.querySelectorAll('.iconbtn');
      select(row).value = place || '';
      row.classList.toggle('is-out', !place);
      row.querySelector('.rank__no').textContent = place || '–';
      up.setAttribute('aria-disabled', String(place ? place === 1 : placed.length >= most));
      down.setAttribute('aria-disabled', String(!place));
    });
  }

  function put(row, place) { // 0: no place; beyond the last: the next free one
    const was = placed.indexOf(row) + 1;
    if (place && !was && placed.length >= most) {
      say.textContent = fill(words[plural.select(most) === 'one' ? 'placesOne' : 'placesMany'], { n: most });
    } else {
      placed = placed.filter(other => other !== row);
      out = out.filter(other => other !== row);
      if (place) placed.splice(place - 1, 0, row); else out.unshift(row);
      const now = placed.indexOf(row) + 1;
      say.textContent = fill(now ? words.placed : words.unplaced, { name: row.dataset.name, place: now });
    }
    draw();
    list.dispatchEvent(new Event('change', { bubbles: true }));
  }

  list.addEventListener('click', event => {
    const button = event.target.closest('.iconbtn');
    if (!button) return;
    const row = button.closest('li'), place = placed.indexOf(row) + 1;
    if (button.dataset.dir === 'up') put(row, place === 0 ? placed.length + 1 : Math.max(1, place - 1));
    else if (place) put(row, place === placed.length ? 0 : place + 1);
  });
  list.addEventListener('change', event => {
    if (event.target.matches('select')) put(event.target.closest('li'), Number(event.target.value));
  });

  let dragged = null;
  rows.forEach(row => { row.draggable = true; });
  list.addEventListener('dragstart', event => {
    dragged = event.target.closest('li');
    dragged.classList.add('is-drag');
    event.dataTransfer.effectAllowed = 'move';
  });
  list.addEventListener('dragend', () => { dragged?.classList.remove('is-drag'); dragged = null; });
  list.addEventListener('dragover', event => { if (dragged) event.preventDefault(); });
  list.addEventListener('drop', event => {
    event.preventDefault();
    const over = event.target.closest('li');
    if (!dragged || !over || over === dragged) return;
    const upwards = [...list.children].indexOf(over) < [...list.children].indexOf(dragged);
    put(dragged, placed.indexOf(over) + 1 || (upwards && !placed.includes(dragged) ? placed.length + 1 : 0));
  });
  addEventListener('pageshow', read); // the browser may have put old places back
  read();
}

document.querySelectorAll('[data-ranks]').forEach(ranking);
