// Maps: area shapes and pins from the server's JSON, over the city's tiles or none. The page holds the same in words.
const L = window.leaflet;
const NEAR = 46; // pixels: pins as near to another as this are shown with it, as one group
const CLOSEST = 18;
const FINLAND = [[59.8, 20.6], [70.1, 31.6]]; // seen where there is neither an area nor a pin
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
document.documentElement.classList.add('js');

const make = (name, values = {}, ...children) => {
  const made = Object.assign(document.createElement(name), values);
  made.append(...children);
  return made;
};
const button = (className, label, text = '') => {
  const made = make('button', { type: 'button', className, textContent: text });
  made.setAttribute('aria-label', label);
  return made;
};
// Its lower edge, where a pin has its point, stands on the place.
const markOf = (html, size, at, options) => L.marker(at, { icon: L.divIcon({ className: 'mark-box', html, iconSize: [size, size], iconAnchor: [size / 2, size] }), keyboard: false, ...options });

async function read(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

function begin(el) {
  const words = el.dataset, touch = L.Browser.mobile; // one finger scrolls the page, two move the map
  const map = L.map(el, {
    attributionControl: false, zoomControl: false, scrollWheelZoom: false, dragging: !touch, maxZoom: CLOSEST,
    zoomSnap: words.tiles ? 1 : 0.25, zoomAnimation: !still, fadeAnimation: !still, inertia: !still,
  });
  L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  if (words.tiles) L.tileLayer(words.tiles, { maxZoom: CLOSEST }).addTo(map);
  el.addEventListener('keydown', event => { if (event.key === 'Escape') map.closePopup(); });
  return map;
}

function drawAreas(map, areas, { residents, pins }) { // names give way to pins: to the upper edge
  const shapes = L.geoJSON(areas, {
    interactive: false, style: { className: 'area' },
    onEachFeature(area, shape) {
      const name = make('span', { textContent: area.properties.name, lang: area.properties.lang });
      const many = residents !== undefined ? [make('small', { textContent: area.properties.residents })] : [];
      const icon = L.divIcon({ className: 'areaname', html: make('div', {}, name, ...many), iconSize: [160, 44], iconAnchor: [80, pins ? 10 : 22] });
      const bounds = shape.getBounds(), at = bounds.getCenter();
      L.marker(pins ? [bounds.getNorth(), at.lng] : at, { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(map);
    },
  }).addTo(map);
  return shapes.getBounds();
}

// What a pin or a group opens: a link to each idea, and where it has got to.
function linksTo(pins) {
  return make('ul', {}, ...pins.map(pin => {
    const link = make('a', { href: `/ideas/${pin.id}`, textContent: pin.title, lang: pin.lang });
    return make('li', {}, link, make('br'), pin.state);
  }));
}

function drawPins(map, pins, words) {
  const drawn = new Map(); // what stands on the map, by its pins
  pins.forEach(pin => { pin.at = L.latLng(pin.latitude, pin.longitude); });

  function open(group, mark) {
    L.popup({ offset: [0, -30], maxWidth: 260 }).setLatLng(mark.getLatLng()).setContent(linksTo(group)).openOn(map);
    map.once('popupclose', () => (drawn.has(mark.key) ? mark.face : map.getContainer()).focus({ preventScroll: true }));
  }

  function press(group, mark) {
    const bounds = L.latLngBounds(group.map(pin => pin.at));
    const zoom = map.getBoundsZoom(bounds.pad(0.2));
    if (group.length === 1 || zoom <= map.getZoom()) return open(group, mark);
    map.getContainer().focus({ preventScroll: true });
    return map.fitBounds(bounds.pad(0.2), { maxZoom: CLOSEST, animate: !still });
  }

  function markFor(group, key) {
    const one = group.length === 1, text = one ? group[0].title : words.many.replace('{n}', group.length);
    const face = button(one ? 'pinmark' : 'group', text, one ? '' : String(group.length));
    if (one) face.lang = group[0].lang;
    const mark = markOf(face, 44, group[0].at);
    return Object.assign(mark, { key, face }).on('click', () => press(group, mark));
  }

  function grouped(zoom) { // each pin joins the first group that is near, else begins one
    const groups = [];
    pins.forEach(pin => {
      const at = map.project(pin.at, zoom), near = groups.find(group => at.distanceTo(group.at) < NEAR);
      if (near) near.pins.push(pin); else groups.push({ at, pins: [pin] });
    });
    return groups.map(group => group.pins);
  }

  let zoom, all;
  function draw() {
    if (zoom !== map.getZoom()) [zoom, all] = [map.getZoom(), grouped(map.getZoom())];
    const seen = map.getBounds().pad(0.25), here = all.filter(([first]) => seen.contains(first.at));
    const groups = new Map(here.map(group => [group.map(pin => pin.id).join(), group]));
    drawn.forEach((mark, key) => { if (!groups.has(key)) { mark.remove(); drawn.delete(key); } });
    groups.forEach((group, key) => { if (!drawn.has(key)) drawn.set(key, markFor(group, key).addTo(map)); });
  }

  map.on('moveend', draw);
  draw();
}

// Keyboard: the opened list is entered at its first link, and its button to close it speaks the page's language.
function tellPopups(map, words) {
  map.on('popupopen', ({ popup }) => {
    popup.getElement().querySelector('.leaflet-popup-close-button').setAttribute('aria-label', words.close);
    popup.getElement().querySelector('a[href^="/"]').focus({ preventScroll: true });
  });
}

function picking(map, el, box) {
  const { latitude, longitude } = el.closest('form').elements, words = el.dataset;
  const say = text => { box.querySelector('[data-said]').textContent = text; };
  const remove = box.querySelector('[data-remove]');
  let mark = null;

  function draw() {
    const at = [latitude, longitude].map(field => (field.value.trim() ? Number(field.value.replace(',', '.')) : NaN));
    const there = at.every(Number.isFinite) && Math.abs(at[0]) <= 90 && Math.abs(at[1]) <= 180;
    remove.hidden = !there;
    if (!there) { mark?.remove(); mark = null; return; }
    if (mark) { mark.setLatLng(at); return; }
    const face = make('span', { className: 'pinmark' });
    mark = markOf(face, 44, at, { draggable: true }).addTo(map).on('dragend', () => place(mark.getLatLng()));
    face.setAttribute('role', 'img');
    face.setAttribute('aria-label', words.pin);
  }

  function fill(lat, lon, text) {
    latitude.value = lat;
    longitude.value = lon;
    draw();
    [latitude, longitude].forEach(field => ['input', 'change'].forEach(kind => field.dispatchEvent(new Event(kind, { bubbles: true }))));
    say(text);
  }

  const place = at => fill(at.wrap().lat.toFixed(6), at.wrap().lng.toFixed(6), words.placed);
  map.on('click', event => place(event.latlng));
  el.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.target !== el) return;
    event.preventDefault();
    place(map.getCenter());
  });
  box.querySelector('[data-middle]').addEventListener('click', () => place(map.getCenter()));
  remove.addEventListener('click', () => { fill('', '', words.removed); el.focus({ preventScroll: true }); });
  [latitude, longitude].forEach(field => field.addEventListener('change', () => {
    draw();
    if (mark && !map.getBounds().contains(mark.getLatLng())) map.panTo(mark.getLatLng(), { animate: !still });
  }));
  draw();
  return mark?.getLatLng();
}

async function show(el) {
  const box = el.closest('.mapbox'), words = el.dataset, said = box.querySelector('[data-said]');
  const map = begin(el);
  map.fitBounds(FINLAND);
  tellPopups(map, words);
  try {
    const [areas, found] = await Promise.all([read(words.areas), words.pins ? read(words.pins) : { pins: [] }]);
    const bounds = L.latLngBounds(found.pins.map(pin => [pin.latitude, pin.longitude]));
    bounds.extend(drawAreas(map, areas, words));
    if (bounds.isValid()) map.fitBounds(bounds.pad(0.03), { maxZoom: 15, animate: false });
    if (words.pins) drawPins(map, found.pins, words);
    if (found.note) said.textContent = found.note;
  } catch (error) {
    said.textContent = words.failed;
    console.warn(error);
  }
  if ('pick' in words) {
    const at = picking(map, el, box);
    if (at) map.setView(at, Math.max(map.getZoom(), 12), { animate: false });
  }
}

document.querySelectorAll('[data-map]').forEach(show);
