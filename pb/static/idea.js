// The idea's form: similar ideas are shown while writing; the unsent text stays on this device, pictures never do.
// Without this file a button asks for similar ideas, and a draft keeps the text.
const MOST = 10 * 1024 * 1024; // bytes of a picture
const KEPT = ['title', 'description', 'area_id', 'place', 'latitude', 'longitude', 'theme', 'service_id'];
const WAIT = 700; // milliseconds without a key before the server is asked
const form = document.querySelector('form[enctype]');
const place = document.querySelector('[data-similar]');
const keyOf = round => `idea ${round}`;
document.documentElement.classList.add('js');

function watchSimilar() {
  const said = document.querySelector('#similar-said');
  const { title, description } = form.elements;
  let timer, asked = '', spoken = '';
  async function ask() {
    const words = new URLSearchParams({ title: title.value.trim(), description: description.value.trim().slice(0, 1000) });
    if (title.value.trim().length < 4 || String(words) === asked) return;
    asked = String(words);
    const answer = await fetch(`${place.dataset.similar}?${words}`).catch(() => null);
    if (!answer?.ok || String(words) !== asked) return;
    place.innerHTML = await answer.text(); // our own page piece, escaped by the server
    const heading = place.querySelector('h2')?.textContent ?? '';
    if (heading !== spoken) said.textContent = spoken = heading; // once, not after each word
  }
  const later = () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); };
  title.addEventListener('input', later);
  description.addEventListener('change', later); // when it is left: nothing moves under the hands of a writer
  form.querySelector('[value=similar]').remove();
}

// The map is loaded when its fold is opened: few want it, and it must know its size when it is drawn.
function watchMap() {
  const fold = document.querySelector('details[data-map-script]');
  const load = () => { if (fold.open) import(fold.dataset.mapScript); };
  fold.addEventListener('toggle', load);
  load();
}

function watchPictures() {
  form.querySelectorAll('input[type=file]').forEach(input => input.addEventListener('change', () => {
    const tooLarge = [...input.files].some(file => file.size > MOST);
    input.setCustomValidity(tooLarge ? form.dataset.tooLarge : '');
    if (tooLarge) input.reportValidity();
  }));
}

async function wasSent(record) {
  if (!record.sent) return false;
  const answer = await fetch(`/ideas/${record.sent}`, { redirect: 'manual' }).catch(() => null);
  return answer !== null && (answer.ok || answer.type === 'opaqueredirect');
}

async function keepText(round) {
  const fields = KEPT.map(name => form.elements[name]).filter(Boolean);
  const record = JSON.parse(localStorage.getItem(keyOf(round)) ?? '{}');
  const empty = fields.every(field => !field.value);
  if (empty && record.text && !(await wasSent(record))) {
    fields.forEach(field => { field.value = record.text[field.name] ?? ''; });
  } else if (empty) localStorage.removeItem(keyOf(round));
  const key = form.elements.submission;
  if (fields.some(field => field.defaultValue)) sessionStorage.removeItem(key.value); // it came back to be mended
  const save = sent => {
    const text = Object.fromEntries(fields.map(field => [field.name, field.value]));
    localStorage.setItem(keyOf(round), JSON.stringify({ text, sent }));
  };
  form.addEventListener('input', () => {
    if (sessionStorage.getItem(key.value)) key.value = crypto.randomUUID(); // sent before: this is another idea
    save();
  });
  form.addEventListener('submit', () => {
    sessionStorage.setItem(key.value, 'sent');
    save(key.value);
  });
}

const forget = document.querySelector('[data-forget]');
if (forget) localStorage.removeItem(keyOf(forget.dataset.forget));
if (form) {
  watchSimilar();
  watchPictures();
  watchMap();
  if (form.dataset.idea) keepText(form.dataset.idea);
}
