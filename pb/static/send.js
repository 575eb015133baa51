// Forms that must not be lost on the way: without a connection the page stays, says so, and can send again.
// The last form (data-once) is sent in the background: the server takes it once, however often it comes.
const once = form => 'once' in form.dataset;

const soon = () => AbortSignal.timeout(20_000); // an answer that does not come is no connection
const cast = form => fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual', signal: soon() });
const reach = () => fetch(document.querySelector('link[rel=icon]').href, { method: 'HEAD', cache: 'no-store', signal: soon() });

document.querySelectorAll('form[data-lost]').forEach(form => {
  const button = form.querySelector('[data-send]'), face = [...button.childNodes], status = form.querySelector('[data-sent]');
  let busy = false;

  function rest(sentence) {
    busy = false;
    button.removeAttribute('aria-disabled');
    button.replaceChildren(...face);
    status.textContent = sentence;
  }

  function wait() {
    busy = true;
    button.setAttribute('aria-disabled', 'true');
    if (once(form)) button.replaceChildren(Object.assign(document.createElement('span'), { className: 'btn__wait' }), form.dataset.sending);
    status.textContent = form.dataset.wait;
  }

  form.addEventListener('submit', async event => {
    if (event.submitter?.hasAttribute('formaction')) return; // another address of the same form
    event.preventDefault();
    if (busy) return;
    wait();
    try {
      const answer = await (once(form) ? cast(form) : reach());
      if (answer.type === 'opaqueredirect') location.assign(form.dataset.then);
      else form.submit(); // shows what the server says; of a cast that was taken it is the same receipt
    } catch {
      rest(form.dataset.lost);
      status.scrollIntoView({ block: 'center' });
    }
  });
  addEventListener('pageshow', () => rest(''));
});
