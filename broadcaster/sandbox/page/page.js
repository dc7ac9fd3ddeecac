// Keeps a page of the sandbox as it would be after a reload: fetched anew after each change, and
// only what differs is put in place, so that nothing jumps under the reader's eyes.
"use strict";

const WAIT_MS = 150; // a burst of messages is one refresh

const keyed = (list) =>
  new Map([...list.children].filter((each) => each.dataset.key).map((each) => [each.dataset.key, each]));

function merge(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const lists = [...fresh.querySelectorAll("[data-list]")];
  if (!fresh.matches("[data-list]") && lists.length === 0) {
    old.replaceWith(fresh);
    return;
  }
  if (!fresh.matches("[data-list]")) {
    mergeAround(old, fresh);
    return;
  }
  const known = keyed(old);
  const wanted = keyed(fresh);
  for (const [key, element] of known) if (!wanted.has(key)) element.remove();
  let place = old.firstElementChild;
  for (const element of [...fresh.children]) {
    const there = known.get(element.dataset.key);
    if (!there) {
      old.insertBefore(element, place);
      continue;
    }
    if (there === place) place = place.nextElementSibling;
    else old.insertBefore(there, place);
    merge(there, element);
  }
}

// An element around lists: what is no list is replaced, the lists are merged.
function mergeAround(old, fresh) {
  [...fresh.children].forEach((element, index) => {
    const there = old.children[index];
    if (there) merge(there, element);
    else old.append(element);
  });
}

let timer = 0;
let busy = false;
let again = false;

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const atEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 40;
    merge(document.querySelector("main"), fresh.querySelector("main"));
    const count = document.querySelector(".top [data-key=count]");
    if (count) count.textContent = fresh.querySelector(".top [data-key=count]").textContent;
    if (atEnd && document.body.className === "reader") scrollTo(0, document.documentElement.scrollHeight);
  } finally {
    busy = false;
    if (again) {
      again = false;
      schedule();
    }
  }
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(refresh, WAIT_MS);
}

if (document.body.className === "reader") scrollTo(0, document.documentElement.scrollHeight);
new EventSource("/_sandbox/changes").onmessage = schedule;
