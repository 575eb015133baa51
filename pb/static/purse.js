// The live purse: counts what is chosen, says what fits, and never stops a choice without a reason.
// Every sentence comes from the page's #words, in its language. Without this file the server counts.
const lang = document.documentElement.lang;
const words = document.querySelector('#words')?.dataset ?? {};
const plural = new Intl.PluralRules(lang), listing = new Intl.ListFormat(lang);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
const many = (key, n) => fill(words[key + (plural.select(n) === 'one' ? 'One' : 'Many')], { n });
const papers = [...document.querySelectorAll('[data-paper]')];
const [whole, exact] = [0, 2].map(digits => new Intl.NumberFormat(lang, {
  ...(words.currency ? { style: 'currency', currency: words.currency } : {}),
  minimumFractionDigits: digits, maximumFractionDigits: digits,
}));
const amount = cents => (cents % 100 ? exact : whole).format(cents / 100);
document.documentElement.classList.add('js');

const make = (name, text, language) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (language) made.lang = language;
  return made;
};

// A paper of cards. `weight` and `limit` are cents in a knapsack; elsewhere each choice weighs one.
function cardPaper(root) {
  const money = root.dataset.paper === 'knapsack', limit = Number(root.dataset.limit);
  const show = n => money ? amount(n) : String(n);
  const find = name => root.querySelector(`[data-${name}]`);
  const [leftBox, fitsBox, seg, list, say] = ['left', 'fits', 'seg', 'list', 'say'].map(find);
  const cards = [...root.querySelectorAll('.card')].flatMap(el => {
    const box = el.querySelector('input'), title = el.querySelector('h3');
    return box ? [{ el, box, name: title.textContent, lang: title.querySelector('[lang]')?.lang || lang, weight: money ? Number(el.dataset.cost) : 1, short: 0 }] : [];
  });
  const byBox = new Map(cards.map(c => [c.box, c]));
  let message = null;
  const chosen = () => cards.filter(c => c.box.checked);
  const leftOf = mine => limit - mine.reduce((sum, c) => sum + c.weight, 0);

  function meter(mine, left) {
    if (left < 0 && money) return fill(words.over, { over: amount(-left) });
    const first = mine.length ? many('chosen', mine.length) : words.none;
    if (mine.length === cards.length) return first;
    if (!money) return `${first} ${left > 0 ? fill(words.more, { n: left }) : words.full}`;
    const fits = cards.filter(c => !c.box.checked && c.weight <= left);
    if (!fits.length) return `${first} ${words.nothingFits}`;
    const fit = many('fits', fits.length);
    if (fits.length > 2 || !mine.length) return `${first} ${fit}`;
    return `${first} ${fit.replace(/\.$/, ':')} ${listing.format(fits.map(c => `${c.name} (${amount(c.weight)})`))}.`;
  }

  function draw() { // one pass to count, one to mark; a card is touched only when it changes
    const mine = chosen(), left = leftOf(mine);
    leftBox.textContent = show(left);
    fitsBox.textContent = meter(mine, left);
    if (seg) drawCoins(seg, mine, Math.max(limit, limit - left));
    list.replaceChildren(...mine.map(c => {
      const li = document.createElement('li');
      li.append(make('span', c.name, c.lang), make('b', money ? amount(c.weight) : ''));
      return li;
    }));
    cards.forEach(c => mark(c, c.box.checked ? 0 : Math.max(c.weight - left, 0)));
  }

  function mark(c, short) {
    if (short === c.short) return;
    c.short = short;
    c.el.classList.toggle('is-nofit', short > 0);
    c.nofit ??= c.el.querySelector('.pick > span').appendChild(Object.assign(make('span', ''), { className: 'nofit' }));
    c.nofit.textContent = !short ? '' : money ? fill(words.short, { short: amount(short) }) : fill(words.fullShort, { max: limit });
  }

  function reason(c) {
    if (!money) return [words.full, words.fullWhy];
    const mine = chosen(), left = leftOf(mine), short = c.weight - left;
    const swap = mine.filter(k => k.weight >= short).sort((a, b) => a.weight - b.weight)[0];
    const why = fill(words.why, { left: amount(left), cost: amount(c.weight), short: amount(short) });
    return [words.noFit, `${why} ${swap ? fill(words.swap, { name: swap.name, cost: amount(swap.weight) }) : words.takeOut}`];
  }

  function explain(c) {
    const [title, why] = reason(c);
    message = make('div', '');
    message.className = 'card__msg';
    message.append(document.querySelector('#t-nofit').content.cloneNode(true));
    message.querySelector('strong').textContent = title;
    message.querySelector('[data-why]').textContent = why;
    c.el.append(message);
    message.scrollIntoView({ block: 'nearest' });
    say.textContent = `${title.replace(/\.?$/, '.')} ${why}`;
  }

  root.addEventListener('change', event => {
    const c = byBox.get(event.target);
    if (!c) return;
    message?.remove();
    const left = leftOf(chosen());
    if (c.box.checked && left < 0) {
      c.box.checked = false;
      explain(c);
    } else {
      const sentence = money ? (c.box.checked ? words.added : words.removed) : (c.box.checked ? words.ticked : words.unticked);
      say.textContent = fill(sentence, { name: c.name, left: show(left) });
    }
    draw();
  });
  return draw;
}

function drawCoins(seg, mine, all) {
  const coins = [...seg.querySelectorAll('.coin')];
  let x = 0;
  mine.forEach((c, n) => {
    const coin = coins[n] ?? seg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'rect'));
    const width = c.weight / all * 994;
    Object.entries({ class: 'coin', x: x + 5, y: 8, width: Math.max(width - 4, 0), height: 84 }).forEach(pair => coin.setAttribute(...pair));
    x += width;
  });
  coins.slice(mine.length).forEach(coin => coin.remove());
}

// How many are chosen on a paper of any kind, and in a knapsack what they cost.
function countChosen(root) {
  const boxes = [...root.querySelectorAll('.card input[type=checkbox][name]:checked')];
  const others = [...root.querySelectorAll('select[name], input[inputmode=numeric][name]')].filter(field => Number(field.value) > 0);
  const sum = boxes.reduce((cents, box) => cents + Number(box.closest('.card').dataset.cost), 0);
  return [boxes.length + others.length, root.dataset.paper === 'knapsack' ? sum : null];
}

// The stepper says of each paper what is chosen on it, and the notice at the end which are empty.
function drawPockets() {
  const empty = [];
  papers.forEach(root => {
    const [n, sum] = countChosen(root);
    if (!n) empty.push(root.dataset.name);
    document.querySelectorAll(`[data-of="${root.id}"]`).forEach(pocket => {
      const use = pocket.querySelector('use');
      pocket.classList.toggle('pocket--ok', n > 0);
      pocket.classList.toggle('pocket--missing', n === 0);
      use.setAttribute('href', use.getAttribute('href').replace(/#.*/, n ? '#i-check' : '#i-open'));
      pocket.querySelector('[data-state]').textContent = !n ? words.missing : many('count', n) + (sum === null ? '' : `, ${amount(sum)}`);
    });
  });
  const notice = document.querySelector('[data-missing]');
  notice.hidden = !empty.length;
  notice.querySelector('[data-missing-names]').textContent = listing.format(empty);
}

const draws = papers.filter(root => !['ranked', 'points'].includes(root.dataset.paper)).map(cardPaper);
if (papers.length) {
  const drawAll = () => [...draws, drawPockets].forEach(draw => draw());
  document.querySelector('#ballot').addEventListener('change', drawPockets);
  addEventListener('pageshow', drawAll); // the browser may have put old ticks back
  drawAll();
}
