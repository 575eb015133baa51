// The live purse: counts what is chosen, says what fits, and never stops a choice without a reason.
// Every sentence comes from the page's #words, in its language. Without this file the server counts.
const lang = document.documentElement.lang;
const words = document.querySelector('#words')?.dataset ?? {};
const plural = new Intl.PluralRules(lang);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
const many = (key, n) => fill(words[key + (plural.select(n) === 'one' ? 'One' : 'Many')], { n });
const papers = [...document.querySelectorAll('[data-paper]')];
document.documentElement.classList.add('js');

function amount(cents) {
  const digits = cents % 100 ? 2 : 0;
  const money = words.currency ? { style: 'currency', currency: words.currency } : {};
  const format = { ...money, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(lang, format).format(cents / 100);
}

// A paper of cards. `weight` and `limit` are cents in a knapsack; elsewhere each choice weighs one.
function cardPaper(root) {
  const money = root.dataset.paper === 'knapsack', limit = Number(root.dataset.limit);
  const show = n => money ? amount(n) : String(n);
  const find = name => root.querySelector(`[data-${name}]`);
  const cards = [...root.querySelectorAll('.card')].filter(el => el.querySelector('input')).map(el => ({
    el, weight: Number(el.dataset.weight), name: el.dataset.name, lang: el.querySelector('h3').lang,
    box: el.querySelector('input'), msg: el.querySelector('.card__msg'), nofit: el.querySelector('.nofit'),
  }));
  const chosen = () => cards.filter(c => c.box.checked);
  const left = () => limit - chosen().reduce((sum, c) => sum + c.weight, 0);

  function meter(mine) {
    if (left() < 0 && money) return fill(words.over, { over: amount(-left()) });
    const fits = cards.filter(c => !c.box.checked && c.weight <= left()).length;
    const first = mine.length ? many('chosen', mine.length) : words.none;
    if (mine.length === cards.length) return first;
    if (!money) return `${first} ${left() > 0 ? fill(words.more, { n: left() }) : words.full}`;
    return `${first} ${fits ? many('fits', fits) : words.nothingFits}`;
  }

  function draw() {
    const mine = chosen();
    find('left').textContent = show(left());
    find('fits').textContent = meter(mine);
    if (find('seg')) drawCoins(find('seg'), mine, Math.max(limit, limit - left()));
    find('list').replaceChildren(...mine.map(c => {
      const li = document.createElement('li'), name = document.createElement('span'), b = document.createElement('b');
      name.textContent = c.name; name.lang = c.lang || lang; b.textContent = money ? amount(c.weight) : '';
      li.append(name, b);
      return li;
    }));
    cards.forEach(c => {
      const no = !c.box.checked && c.weight > left();
      c.el.classList.toggle('is-nofit', no);
      c.nofit.textContent = !no ? '' : money ? fill(words.short, { short: amount(c.weight - left()) }) : fill(words.fullShort, { max: limit });
    });
  }

  function reason(c) {
    if (!money) return [words.full, words.fullWhy];
    const short = c.weight - left();
    const swap = chosen().filter(k => k.weight >= short).sort((a, b) => a.weight - b.weight)[0];
    const why = fill(words.why, { left: amount(left()), cost: amount(c.weight), short: amount(short) });
    return [words.noFit, `${why} ${swap ? fill(words.swap, { name: swap.name, cost: amount(swap.weight) }) : words.takeOut}`];
  }

  root.addEventListener('change', event => {
    const c = cards.find(card => card.box === event.target);
    if (!c) return;
    cards.forEach(card => card.msg.replaceChildren());
    if (c.box.checked && left() < 0) {
      c.box.checked = false;
      const [title, why] = reason(c), note = document.querySelector('#t-nofit').content.cloneNode(true);
      note.querySelector('strong').textContent = title;
      note.querySelector('[data-why]').textContent = why;
      c.msg.append(note);
      c.msg.scrollIntoView({ block: 'nearest' });
      find('say').textContent = `${title.replace(/\.?$/, '.')} ${why}`;
    } else {
      const sentence = money ? (c.box.checked ? words.added : words.removed) : (c.box.checked ? words.ticked : words.unticked);
      find('say').textContent = fill(sentence, { name: c.name, left: show(left()) });
    }
    draw();
  });
  return draw;
}

function drawCoins(seg, mine, whole) {
  const coins = [...seg.querySelectorAll('.coin')];
  let x = 0;
  mine.forEach((c, n) => {
    const coin = coins[n] ?? seg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'rect'));
    const width = c.weight / whole * 994;
    Object.entries({ class: 'coin', x: x + 5, y: 8, width: Math.max(width - 4, 0), height: 84 }).forEach(pair => coin.setAttribute(...pair));
    x += width;
  });
  coins.slice(mine.length).forEach(coin => coin.remove());
}

// The stepper says of each paper what is chosen on it, and the notice at the end which are empty.
function drawPockets() {
  const empty = [];
  papers.forEach(root => {
    const boxes = [...root.querySelectorAll('.card input:checked')], ranks = [...root.querySelectorAll('select')].filter(s => s.value);
    const n = boxes.length + ranks.length;
    const sum = boxes.reduce((cents, box) => cents + Number(box.closest('.card').dataset.weight), 0);
    if (!n) empty.push(root.dataset.name);
    document.querySelectorAll(`[data-of="${root.id}"]`).forEach(pocket => {
      const use = pocket.querySelector('use');
      pocket.classList.toggle('pocket--ok', n > 0);
      pocket.classList.toggle('pocket--missing', n === 0);
      use.setAttribute('href', use.getAttribute('href').replace(/#.*/, n ? '#i-check' : '#i-open'));
      pocket.querySelector('[data-state]').textContent = !n ? words.missing : many('count', n) + (root.dataset.paper === 'knapsack' ? `, ${amount(sum)}` : '');
    });
  });
  const notice = document.querySelector('[data-missing]');
  notice.hidden = !empty.length;
  notice.querySelector('[data-missing-names]').textContent = new Intl.ListFormat(lang).format(empty);
}

const draws = papers.filter(root => root.dataset.paper !== 'ranked').map(cardPaper);
if (papers.length) {
  const drawAll = () => [...draws, drawPockets].forEach(draw => draw());
  document.querySelector('#ballot').addEventListener('change', drawPockets);
  addEventListener('pageshow', drawAll); // the browser may have put old ticks back
  drawAll();
}

// The button that casts answers at once, and a second press does nothing; the server ignores it too.
document.querySelectorAll('form[data-once]').forEach(form => {
  const button = form.querySelector('.btn'), words = [...button.childNodes], status = form.querySelector('[role=status]');
  form.addEventListener('submit', event => {
    if (button.getAttribute('aria-disabled') === 'true') return event.preventDefault();
    button.setAttribute('aria-disabled', 'true');
    button.replaceChildren(Object.assign(document.createElement('span'), { className: 'btn__wait' }), form.dataset.sending);
    status.textContent = form.dataset.wait;
  });
  addEventListener('pageshow', () => {
    button.removeAttribute('aria-disabled');
    button.replaceChildren(...words);
    status.textContent = '';
  });
});
