// Draws the board and tells the server of moves. Every text arrives as data and is set as text, never as markup.
const HOLD_MS = 350; // a finger that rests this long picks a card up; a shorter one scrolls
const SLACK = 6; // pixels before a press becomes a drag
const EDGE = 40; // pixels from the side of the board within which a card in the hand scrolls it
const SCROLLED = 10; // pixels a frame

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement;
  let board = root.__board;
  if (!board) {
    board = root.__board = make(root);
  }
  board.send = setTriggerValue;
  board.show(data);
  return () => board.leave();
}

function element(tag, className, text) {
  const found = document.createElement(tag);
  if (className) found.className = className;
  if (text !== undefined && text !== "") found.textContent = text;
  return found;
}

function make(root) {
  const host = element("div", "board");
  const said = element("p", "said");
  said.setAttribute("role", "status");
  said.setAttribute("aria-live", "polite");
  const columns = element("div", "columns");
  const hint = element("p", "hint");
  host.append(said, columns, hint);
  root.append(host);
  const board = { host, said, columns, hint, data: null, later: null, drag: null, held: null, menu: null, focus: null, turn: 0 };

  board.show = (data) => {
    if (board.drag || board.held) {
      board.later = data; // drawing now would take the card out of the hand
      return;
    }
    board.data = data;
    board.later = null;
    draw(board);
  };
  board.leave = () => {
    closeMenu(board);
    if (board.drag) endDrag(board);
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (event) => {
    if (board.menu && !event.composedPath().includes(board.menu)) closeMenu(board);
  };
  document.addEventListener("pointerdown", outside, true);
  host.addEventListener("keydown", (event) => key(board, event));
  host.addEventListener("pointerdown", (event) => press(board, event));
  host.addEventListener("click", (event) => click(board, event));
  host.addEventListener("contextmenu", (event) => { if (board.drag) event.preventDefault(); });
  host.addEventListener("touchmove", (event) => { if (board.drag && board.drag.on) event.preventDefault(); }, { passive: false });
  return board;
}

function say(board, text, refused) {
  board.said.textContent = text || "";
  board.said.className = refused ? "said refused" : "said";
}

function draw(board) {
  const { data } = board;
  const active = board.host.getRootNode().activeElement;
  const focused = board.focus || (active && active.closest && active.closest(".card") ? active.closest(".card").dataset.id : null);
  board.focus = null;
  const tops = new Map([...board.columns.querySelectorAll(".column")].map((c) => [c.dataset.id, c.querySelector(".cards").scrollTop]));
  const left = board.columns.scrollLeft;
  closeMenu(board);
  board.columns.replaceChildren(...data.columns.map((column) => drawColumn(board, column)));
  board.columns.scrollLeft = left;
  for (const column of board.columns.querySelectorAll(".column")) column.querySelector(".cards").scrollTop = tops.get(column.dataset.id) || 0;
  board.hint.textContent = data.texts.hint;
  say(board, data.said.text, data.said.refused);
  const cards = [...board.host.querySelectorAll(".card")];
  const first = cards.find((card) => card.dataset.id === focused) || cards[0];
  for (const card of cards) card.tabIndex = card === first ? 0 : -1;
  if (focused && first && first.dataset.id === focused) first.focus({ preventScroll: true });
}

function drawColumn(board, column) {
  const found = element("section", "column");
  found.dataset.id = column.id;
  found.setAttribute("aria-label", `${column.label}, ${column.count}`);
  const head = element("div", "head");
  const title = element("h3");
  title.append(element("span", "", column.label), element("span", "count", column.count));
  head.append(title, ...column.facts.map((fact) => element("div", "fact", fact)));
  const list = element("ul", "cards");
  list.append(...column.cards.map((card) => drawCard(board, card, column)));
  if (!column.cards.length) {
    const none = element("li", "empty", board.data.texts.empty);
    list.append(none);
  }
  found.append(head, list);
  if (column.more) {
    const more = element("button", "more", column.more);
    more.type = "button";
    more.dataset.more = column.id;
    found.append(more);
  }
  return found;
}

function drawCard(board, card, column) {
  const found = element("li", board.data.may_move ? "card" : "card still");
  found.dataset.id = card.id;
  found.dataset.version = card.version;
  found.dataset.column = column.id;
  found.setAttribute("aria-roledescription", board.data.texts.card);
  const parts = [card.title, card.name, card.amount, card.step, card.late_text, card.days].filter(Boolean);
  found.setAttribute("aria-label", `${parts.join(", ")}. ${column.label}`);
  found.append(element("div", "title", card.title));
  if (card.name) found.append(element("div", "name", card.name));
  found.append(element("div", "amount", card.amount));
  if (card.step) found.append(element("div", card.late ? "step late" : "step", card.late_text ? `${card.late_text} · ${card.step}` : card.step));
  const foot = element("div", "foot");
  const days = element("span");
  if (card.days) {
    days.append(element("span", card.stale ? "dot stale" : "dot"), document.createTextNode(card.days));
  }
  foot.append(days, element("span", "owner", card.owner));
  found.append(foot);
  const button = element("button", "menu-button", "⋯");
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("aria-label", `${board.data.texts.menu}: ${card.title}`);
  button.setAttribute("aria-haspopup", "menu");
  found.append(button);
  return found;
}

// -- moving -----------------------------------------------------------------------------------------------------------

function move(board, card, to) {
  const from = card.dataset.column;
  if (from === to) return;
  const target = [...board.columns.querySelectorAll(".column")].find((column) => column.dataset.id === to);
  const list = target.querySelector(".cards");
  const none = list.querySelector(".empty");
  if (none) none.remove();
  list.prepend(card);
  card.classList.add("moving");
  board.focus = card.dataset.id;
  board.turn += 1;
  board.send("move", { id: card.dataset.id, version: Number(card.dataset.version), to, turn: `${Date.now()}-${board.turn}` });
  card.focus({ preventScroll: true });
}

function open(board, card) {
  send(board, "open", card);
}

function send(board, what, card) {
  board.turn += 1;
  board.send(what, { id: card.dataset.id, turn: `${Date.now()}-${board.turn}` });
}

function click(board, event) {
  const more = event.target.closest("[data-more]");
  if (more) {
    board.turn += 1;
    board.send("more", { id: more.dataset.more, turn: `${Date.now()}-${board.turn}` });
    return;
  }
  const card = event.target.closest(".card");
  if (!card) return;
  if (event.target.closest(".menu-button")) {
    openMenu(board, card);
  } else if (!board.dragged) {
    open(board, card);
  }
  board.dragged = false;
}

function openMenu(board, card) {
  closeMenu(board);
  const menu = element("div", "menu");
  menu.setAttribute("role", "menu");
  const add = (text, act) => {
    const item = element("button", "", text);
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", (event) => { event.stopPropagation(); closeMenu(board); act(); });
    menu.append(item);
  };
  add(board.data.texts.open, () => open(board, card));
  if (board.data.may_move) {
    add(board.data.texts.update, () => send(board, "update", card));
    for (const column of board.data.columns) {
      if (column.id !== card.dataset.column) add(`${board.data.texts.to} ${column.label}`, () => move(board, card, column.id));
    }
  }
  const box = card.querySelector(".menu-button").getBoundingClientRect();
  board.host.append(menu);
  const size = menu.getBoundingClientRect();
  const origin = offset(board, menu, size);
  menu.style.left = `${Math.max(8, Math.min(box.right - size.width, innerWidth - size.width - 8)) - origin.x}px`;
  menu.style.top = `${Math.max(8, Math.min(box.bottom + 2, innerHeight - size.height - 8)) - origin.y}px`;
  board.menu = menu;
  board.menuCard = card;
  menu.querySelector("button").focus();
}

// Where "fixed" begins: an ancestor with a transform moves it.
function offset(board, box) {
  box.style.left = "0px";
  box.style.top = "0px";
  const at = box.getBoundingClientRect();
  return { x: at.left, y: at.top };
}

function closeMenu(board) {
  if (!board.menu) return;
  board.menu.remove();
  board.menu = null;
}

// -- mouse, pen and finger ----------------------------------------------------------------------------------------------

function press(board, event) {
  const card = event.target.closest(".card");
  if (!card || event.button !== 0 || event.target.closest("button") || !board.data.may_move || board.held) return;
  board.dragged = false;
  const drag = { card, x: event.clientX, y: event.clientY, on: false, pointer: event.pointerId, touch: event.pointerType === "touch" };
  board.drag = drag;
  drag.moved = (next) => {
    if (next.pointerId !== drag.pointer) return;
    const far = Math.hypot(next.clientX - drag.x, next.clientY - drag.y) > SLACK;
    if (!drag.on && far) {
      if (drag.touch) return endDrag(board);
      startDrag(board);
    }
    if (drag.on) follow(board, next);
  };
  drag.up = (next) => {
    if (next.pointerId !== drag.pointer) return;
    const to = drag.on ? drag.over : null;
    const was = drag.on;
    endDrag(board);
    if (was) board.dragged = true;
    if (to) move(board, drag.card, to);
    else if (was && board.later) board.show(board.later);
    if (was) setTimeout(() => { board.dragged = false; }, 0);
  };
  drag.cancel = () => {
    endDrag(board);
    if (board.later) board.show(board.later);
  };
  document.addEventListener("pointermove", drag.moved);
  document.addEventListener("pointerup", drag.up);
  document.addEventListener("pointercancel", drag.cancel);
  if (drag.touch) drag.timer = setTimeout(() => startDrag(board), HOLD_MS);
}

function startDrag(board) {
  const { drag } = board;
  drag.on = true;
  const ghost = drag.card.cloneNode(true);
  ghost.classList.add("ghost");
  board.host.append(ghost);
  drag.ghost = ghost;
  drag.origin = offset(board, ghost);
  drag.card.classList.add("moving");
  board.columns.classList.add("dragging");
  say(board, board.data.texts.lifted, false);
  follow(board, { clientX: drag.x, clientY: drag.y });
  const scroll = () => {
    if (board.drag !== drag) return;
    const view = board.columns.getBoundingClientRect();
    const before = board.columns.scrollLeft;
    if (drag.x > view.right - EDGE) board.columns.scrollLeft += SCROLLED;
    if (drag.x < view.left + EDGE) board.columns.scrollLeft -= SCROLLED;
    if (board.columns.scrollLeft !== before) aim(board);
    requestAnimationFrame(scroll); // a finger that rests at the side sends no events
  };
  requestAnimationFrame(scroll);
}

function follow(board, event) {
  const { drag } = board;
  drag.x = event.clientX;
  drag.y = event.clientY;
  drag.ghost.style.left = `${drag.x + 8 - drag.origin.x}px`;
  drag.ghost.style.top = `${drag.y + 8 - drag.origin.y}px`;
  aim(board);
}

// Which column the card would fall into.
function aim(board) {
  const { drag } = board;
  drag.over = null;
  for (const column of board.columns.querySelectorAll(".column")) {
    const box = column.getBoundingClientRect();
    const inside = drag.x >= box.left && drag.x <= box.right && drag.y >= box.top && drag.y <= box.bottom;
    column.classList.toggle("over", inside);
    if (inside) drag.over = column.dataset.id;
  }
}

function endDrag(board) {
  const { drag } = board;
  if (!drag) return;
  board.drag = null;
  clearTimeout(drag.timer);
  document.removeEventListener("pointermove", drag.moved);
  document.removeEventListener("pointerup", drag.up);
  document.removeEventListener("pointercancel", drag.cancel);
  if (drag.ghost) drag.ghost.remove();
  drag.card.classList.remove("moving");
  board.columns.classList.remove("dragging");
  for (const column of board.columns.querySelectorAll(".column")) column.classList.remove("over");
  if (drag.on) say(board, "", false);
}

// -- keyboard -----------------------------------------------------------------------------------------------------------

function key(board, event) {
  if (board.menu) return menuKey(board, event);
  const card = event.target.closest(".card");
  if (!card || event.target.closest("button")) return;
  const act = board.held ? heldKey : freeKey;
  if (act(board, card, event.key)) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function menuKey(board, event) {
  const items = [...board.menu.querySelectorAll("button")];
  const at = items.indexOf(board.host.getRootNode().activeElement);
  if (event.key === "Escape") {
    const card = board.menuCard;
    closeMenu(board);
    card.focus();
  } else if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
  else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function freeKey(board, card, pressed) {
  if (pressed === "Enter") {
    open(board, card);
    return true;
  }
  if (pressed === " ") {
    if (!board.data.may_move) return true;
    board.held = { card, from: card.dataset.column, to: card.dataset.column };
    card.classList.add("held");
    say(board, board.data.texts.lifted, false);
    return true;
  }
  if (pressed === "m" || pressed === "ContextMenu") {
    openMenu(board, card);
    return true;
  }
  const next = neighbour(board, card, pressed);
  if (next) focus(board, next);
  return pressed.startsWith("Arrow");
}

function heldKey(board, card, pressed) {
  const { held } = board;
  const ids = board.data.columns.map((column) => column.id);
  if (pressed === "ArrowLeft" || pressed === "ArrowRight") {
    const at = ids.indexOf(held.to) + (pressed === "ArrowRight" ? 1 : -1);
    if (at >= 0 && at < ids.length) {
      held.to = ids[at];
      mark(board, held.to);
      say(board, `${board.data.texts.over} ${board.data.columns[at].label}`, false);
    }
    return true;
  }
  if (pressed === " " || pressed === "Enter") {
    drop(board);
    if (held.to !== held.from) move(board, card, held.to);
    else if (board.later) board.show(board.later);
    return true;
  }
  if (pressed === "Escape" || pressed === "Tab") {
    drop(board);
    say(board, board.data.texts.put_back, false);
    if (board.later) board.show(board.later);
    return pressed === "Escape";
  }
  return true;
}

function drop(board) {
  board.held.card.classList.remove("held");
  board.held = null;
  mark(board, null);
}

function mark(board, id) {
  for (const column of board.columns.querySelectorAll(".column")) {
    column.classList.toggle("over", column.dataset.id === id);
    if (column.dataset.id === id) column.scrollIntoView({ inline: "nearest", block: "nearest" });
  }
}

function neighbour(board, card, pressed) {
  if (pressed === "ArrowDown" || pressed === "ArrowUp") {
    const next = pressed === "ArrowDown" ? card.nextElementSibling : card.previousElementSibling;
    return next && next.classList.contains("card") ? next : null;
  }
  const step = pressed === "ArrowRight" ? 1 : pressed === "ArrowLeft" ? -1 : 0;
  if (!step) return null;
  const columns = [...board.columns.querySelectorAll(".column")];
  for (let at = columns.findIndex((column) => column.contains(card)) + step; columns[at]; at += step) {
    const found = columns[at].querySelector(".card");
    if (found) return found;
  }
  return null;
}

function focus(board, card) {
  for (const other of board.host.querySelectorAll(".card")) other.tabIndex = other === card ? 0 : -1;
  card.focus();
}
