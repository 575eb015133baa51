// The voter's time: warned ten and two minutes before it ends, without taking the focus, and lengthened on request.
const notice = document.querySelector('[data-time]'), say = notice.querySelector('[data-time-say]');
const words = notice.dataset, more = notice.querySelector('button');
const fill = (text, n) => text.replace('{n}', n);
let ends = Date.now() + Number(words.seconds) * 1000, said = Infinity, before = null;

function look() {
  const minutes = Math.ceil((ends - Date.now()) / 60_000);
  const step = minutes <= 0 ? 0 : minutes <= 2 ? 2 : minutes <= 10 ? 10 : Infinity;
  if (step === said) return;
  said = step;
  const focused = document.activeElement === more;
  notice.hidden = step === Infinity;
  more.hidden = step === 0;
  if (focused && !more.checkVisibility()) goBack();
  say.textContent = step === 0 ? words.over : step === Infinity ? '' : fill(minutes === 1 ? words.leftOne : words.leftMany, minutes);
}

function goBack() { // who pressed the button goes on where they were
  const place = before?.isConnected ? before : document.querySelector('#ballot') ?? document.querySelector('#main');
  place.focus({ preventScroll: true });
}

function lengthened({ seconds, at }) {
  ends = Date.now() + seconds * 1000;
  document.querySelectorAll('[data-ends]').forEach(place => { place.textContent = at; });
  look();
  document.querySelector('[data-time-done]').textContent = words.done.replace('{at}', at);
}

async function lengthen(event) {
  event.preventDefault();
  try {
    const form = document.querySelector('form [name=_csrf_token]').form, body = new URLSearchParams();
    body.set('_csrf_token', new FormData(form).get('_csrf_token'));
    body.set('quiet', '1');
    const answer = await fetch(words.more, { method: 'POST', body });
    if (answer.ok) lengthened(await answer.json()); else say.textContent = words.over;
  } catch {
    say.textContent = words.lost;
  }
}

more.addEventListener('focus', event => { before = event.relatedTarget ?? before; });
document.querySelectorAll('button[data-more]').forEach(button => button.addEventListener('click', lengthen));
setInterval(look, 5_000);
look();
