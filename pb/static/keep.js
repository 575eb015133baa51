// An unfinished ballot survives Back, a reload and a lost connection in this tab, and nowhere else: never on the
// server. A page with this file and without the ballot (the code, the receipt) forgets it.
const form = document.querySelector('form[data-keep]');
const mine = name => /^a\d/.test(name);

if (form) {
  const key = `ballot ${form.dataset.keep}`;
  const marks = () => [...new FormData(form)].filter(([name, value]) => mine(name) && value);
  const kept = JSON.parse(sessionStorage.getItem(key) ?? '[]');
  if (!marks().length && form.dataset.fresh !== undefined) {
    for (const field of form.elements) {
      const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === 'checkbox') field.checked = values.includes(field.value);
      else if (mine(field.name) && values.length) field.value = values[0];
    }
  }
  const save = () => sessionStorage.setItem(key, JSON.stringify(marks()));
  form.addEventListener('change', save);
  addEventListener('pagehide', save);
} else {
  Object.keys(sessionStorage).filter(key => key.startsWith('ballot ')).forEach(key => sessionStorage.removeItem(key));
}
