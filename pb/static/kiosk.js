// A shared device: nobody there for a while, and the vote's pages are left, with a countdown that can be stopped.
// Leaving empties the page at once, and is tried until the server has taken the voter's pass back: without a network, too.
const leave = document.querySelector('form[data-idle]'), words = leave.dataset;
const notice = document.querySelector('[data-closing]'), count = notice.querySelector('[data-seconds]');
const say = notice.querySelector('[data-said]');
const WARN = 30, LINGER = 5, RETRY = 3; // seconds: the countdown (on a receipt seen from the start), its stay after use, a new try
let last = Date.now(), shownUntil = 0, leaving = false;

function empty() {
  const line = Object.assign(document.createElement('p'), { className: 'wrap section', role: 'status', textContent: words.leaving });
  document.title = words.leaving;
  leave.hidden = true;
  document.body.replaceChildren(line, leave);
}

async function go(event) {
  event?.preventDefault();
  if (leaving) return;
  leaving = true;
  empty();
  for (;;) {
    try {
      const answer = await fetch(leave.action, { method: 'POST', body: new URLSearchParams(new FormData(leave)), redirect: 'manual', signal: AbortSignal.timeout(20_000) });
      if (answer.type === 'opaqueredirect') return location.replace(words.then);
      if (answer.status < 500) return leave.submit(); // shows what the server says, with a fresh form
    } catch { /* no network yet */ }
    await new Promise(done => { setTimeout(done, RETRY * 1000); });
  }
}

function look() {
  const left = Math.ceil(Number(words.idle) - (Date.now() - last) / 1000), near = left <= WARN;
  if (left <= 0) return go();
  if (near) shownUntil = Date.now() + LINGER * 1000; // gone under a hand on its way to the button, the click would meet another
  const sentence = words.countdown.replace('{n}', left);
  notice.hidden = Date.now() > shownUntil && !('always' in words);
  count.textContent = sentence;
  if (!near) say.textContent = ''; else if (left === WARN || left === 10) say.textContent = sentence;
}

const stay = () => { last = Date.now(); };
['pointerdown', 'wheel', 'scroll', 'keydown', 'input'].forEach(kind => addEventListener(kind, stay, { passive: true }));
addEventListener('pointermove', event => { if (event.movementX || event.movementY) stay(); }, { passive: true }); // not one that lies still
notice.querySelector('[data-stay]').addEventListener('click', () => { stay(); shownUntil = 0; look(); });
leave.addEventListener('submit', go);
setInterval(look, 1_000);
look();
