// A shared device: nobody there for a while, and the vote's pages are left, with a countdown that can be stopped.
const leave = document.querySelector('form[data-idle]'), words = leave.dataset;
const notice = leave.querySelector('[data-closing]'), count = notice.querySelector('[data-seconds]');
const say = notice.querySelector('[data-said]');
const WARN = 30; // seconds of countdown; on a receipt it is seen from the start
let last = Date.now();

function look() {
  const left = Math.ceil(Number(words.idle) - (Date.now() - last) / 1000);
  if (left <= 0) return leave.submit();
  const sentence = words.countdown.replace('{n}', left);
  notice.hidden = left > WARN && !('always' in words);
  count.textContent = sentence;
  if (left > WARN) say.textContent = ''; else if (left === WARN || left === 10) say.textContent = sentence;
}

const stay = () => { last = Date.now(); look(); };
['pointerdown', 'wheel', 'keydown', 'input'].forEach(kind => addEventListener(kind, stay, { passive: true }));
setInterval(look, 1_000);
look();
