// An unfinished ballot survives Back, a reload and a lost connection in this tab, and nowhere else: never on the
// server. It is kept under a name that only its own voter's pages have, at most until voting closes. Whoever leaves
// before the cast (data-leave), or is through (a page with this file and neither form: the receipt), leaves none behind.
const form = document.querySelector('form[data-keep]'), leave = document.querySelector('form[data-leave]');
const mine = name => /^a\d/.test(name);
const read = key => JSON.parse(sessionStorage.getItem(key));

function forget(old) {
  Object.keys(sessionStorage).filter(key => key.startsWith('ballot ') && old(key)).forEach(key => sessionStorage.removeItem(key));
}

if (form) {
  const key = `ballot ${form.dataset.keep}`, until = Number(form.dataset.until) * 1000;
  const marks = () => [...new FormData(form)].filter(([name, value]) => mine(name) && value);
  forget(one => read(one).until < Date.now());
  const kept = read(key)?.marks ?? [];
  if (kept.length && !marks().length && form.dataset.fresh !== undefined) {
    const ticked = new Set(kept.map(pair => pair.join('='))), values = new Map(kept);
    for (const field of form.elements) {
      if (!mine(field.name)) continue;
      if (field.type === 'checkbox') field.checked = ticked.has(`${field.name}=${field.value}`);
      else if (values.has(field.name)) field.value = values.get(field.name);
    }
  }
  const save = () => sessionStorage.setItem(key, JSON.stringify({ until, marks: marks() }));
  form.addEventListener('change', save);
  addEventListener('pagehide', save);
  leave.addEventListener('submit', () => removeEventListener('pagehide', save));
} else if (!leave) {
  forget(() => true);
}
leave?.addEventListener('submit', () => forget(() => true));
