// A shared device: a code that somebody began to write and went away from is wiped.
const field = document.querySelector('#code');
let idle;
field.addEventListener('input', () => {
  clearTimeout(idle);
  idle = setTimeout(() => { field.value = ''; }, 180_000);
});
