// Puts the page together and keeps it live.

import { fetchState, follow, post } from "./api.js";
import { element, fill } from "./dom.js";
import { Lights } from "./lights.js";
import { Panel } from "./panel.js";
import { Scenes } from "./scenes.js";
import { Tabs } from "./tabs.js";
import { Trace } from "./trace.js";
import { keepTime, label, loadWords, speak, t } from "./words.js";

const byId = (id) => document.getElementById(id);
const box = byId("box");
const trace = new Trace();
const scenes = new Scenes(byId("scenes"), failed);
const lights = new Lights(byId("lights"), failed);
let panels = new Map();
let tabs = null;
let told = null;

// Colours: the system's unless somebody chose.
const theme = byId("theme");
function wear(chosen) {
  document.documentElement.dataset.theme = chosen;
  theme.value = chosen;
  localStorage.setItem("theme", chosen);
}
theme.addEventListener("change", () => wear(theme.value));
wear(localStorage.getItem("theme") ?? "auto");

function showBox(...content) {
  fill(byId("box-body"), ...content);
  if (!box.open) box.showModal();
}

function failed(error) {
  showBox(element("p", {}, t("page.failed", { why: error.message })));
}

const surroundings = {
  isSeen: (panel) => !document.hidden && Boolean(tabs?.isSeen(panel.element)),
  onUnread: () => tabs?.label(),
  onPhoto: (source, alt) => showBox(element("img", { src: source, alt })),
  onAlert: (text) => showBox(element("p", { class: "alert" }, text)),
  onError: failed,
};

/** The team's chat and the managers' first, then everybody's own. */
function drawPanels(state) {
  const groups = new Map([[state.team, "panel.team"], [state.managers, "panel.managers"]]);
  const order = [...groups.keys(), ...state.people.map((one) => one.id)];
  const chats = new Map(state.chats.map((one) => [one.id, one]));
  const known = order.every((id) => panels.has(id));
  if (known) {
    for (const id of order) panels.get(id).update(chats.get(id), state.menus);
    return;
  }
  panels = new Map(
    order.map((id) => {
      const members = new Set(chats.get(id).members.map((one) => one.id));
      const people = state.people.filter((one) => members.has(one.id));
      return [id, new Panel(chats.get(id), people, state.menus, { ...surroundings, about: groups.get(id) })];
    }),
  );
  const all = [...panels.values()];
  fill(byId("panels"), all.map((one) => one.element), trace.element);
  tabs = new Tabs(byId("tabs"), [
    ...all.map((one) => ({
      element: one.element,
      title: () => one.title,
      unread: () => one.unread,
      look: () => one.toEnd(),
      fast: one.id === state.team,
    })),
    { element: trace.element, title: () => t("trace.tab"), unread: () => 0, look: () => trace.look(), fast: true },
  ]);
  all.forEach((one) => one.toEnd());
  trace.look();
  for (const one of all) one.element.addEventListener("focusin", () => listenTo(one));
}

/** Of all chats only the one somebody is in reads new messages out. */
function listenTo(panel) {
  for (const one of panels.values()) one.log.setAttribute("aria-live", one === panel ? "polite" : "off");
}

function hear(status) {
  scenes.show(status);
  lights.draw(status);
  if (status.language !== told) {
    told = status.language;
    use(told);
  }
}

function use(language) {
  speak(language);
  byId("language").value = language;
  label(document);
  document.title = t("page.title");
  if (!tabs) return;
  for (const panel of panels.values()) panel.relabel();
  trace.draw();
  lights.draw();
  scenes.draw(scenes.scenes, scenes.pbxes, scenes.skips);
  scenes.show(lights.status);
  tabs.label();
}

byId("skip").addEventListener("click", () => document.querySelector(".log:not([hidden] *)")?.focus());

byId("language").addEventListener("change", async ({ target }) => {
  use(target.value);
  await post("/api/language", { language: target.value }).catch(failed);
});

function onState(state) {
  byId("lost").hidden = true;
  told = state.status.language;
  keepTime(state.timezone);
  speak(told);
  label(document);
  byId("language").value = told;
  document.title = t("page.title");
  byId("page").hidden = false;
  scenes.draw(state.scenes, state.pbxes, state.skips);
  trace.draw(state.trace);
  drawPanels(state);
  hear(state.status);
}

async function onChange(change) {
  if (change.kind === "trace") trace.add(change.entry);
  else if (change.kind === "status") hear(change.status);
  else if (change.kind === "look") tabs?.follow(panels.get(change.chat)?.element);
  else if (change.kind === "commands") {
    const { menus } = await fetchState();
    for (const panel of panels.values()) panel.menus = menus;
  } else panels.get(change.chat)?.apply(change);
}

document.addEventListener("visibilitychange", () => [...panels.values()].forEach((panel) => panel.look()));
await loadWords();
follow({ onState, onChange, onLost: () => (byId("lost").hidden = false) });
