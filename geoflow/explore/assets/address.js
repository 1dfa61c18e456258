/* The state of the page in its address: changes go in, and what is shown follows. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.geoflow = (() => {
  "use strict";
  const nothing = () => window.dash_clientside.no_update;
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  /* Points as the address writes them: 1-3,9. */
  function ranges(points) {
    const runs = [];
    for (const point of [...new Set(points)].sort((a, b) => a - b)) {
      const last = runs[runs.length - 1];
      if (last && last[1] === point - 1) last[1] = point;
      else runs.push([point, point]);
    }
    return runs.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(",");
  }

  function written(value) {
    if (value === null || value === undefined) return "";
    return Array.isArray(value) ? ranges(value) : String(value);
  }

  /* Put what panels asked for into the address. */
  function merge() {
    const asked = window.dash_clientside.callback_context.triggered;
    const address = new URLSearchParams(window.location.search);
    for (const { value } of asked) {
      for (const [key, one] of Object.entries(value || {})) {
        const text = written(one);
        if (text === "") address.delete(key);
        else address.set(key, text);
      }
    }
    const text = address.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
    const search = text ? `?${text}` : "";
    if (search !== window.location.search) window.dash_clientside.set_props("url", { search });
  }

  /* Give each callback the fields of the state that it needs, when one of them changes. */
  const asked = {};
  function pick(state, picks, always) {
    for (const [name, { fields, tabs }] of Object.entries(picks)) {
      if (!tabs.includes(state.tab)) continue;
      const now = Object.fromEntries(fields.map((field) => [field, state[field]]));
      Object.assign(now, always);
      if (same(now, asked[name])) continue;
      asked[name] = now;
      window.dash_clientside.set_props(`asked-${name}`, { data: now });
    }
  }

  /* A change of one field, none where the state has that value. */
  function change(state, key, value) {
    if (!state || value === undefined) return nothing();
    return same(state[key] ?? null, value) ? nothing() : { [key]: value };
  }

  /* What a control asks: nothing where it has the value that it was given. */
  const of_control = (key) => (value, state, given) => {
    if (given && same(given[key] ?? null, value ?? null)) return nothing();
    return change(state, key, value ?? "");
  };

  function choose_tab() {
    const [one] = window.dash_clientside.callback_context.triggered;
    return one && one.value ? { tab: one.prop_id.split(".")[0].replace("tab-", "") } : nothing();
  }

  function choose_theme(n, theme) {
    return n ? { theme: theme === "dark" ? "light" : "dark" } : nothing();
  }

  /* Show the tab, the theme and the choices of the state, and let callbacks know. */
  function show(state, facts, picks) {
    if (!state || !facts) return nothing();
    const root = document.documentElement;
    root.dataset.tab = state.tab;
    for (const tab of document.querySelectorAll("[role=tab]")) {
      const chosen = tab.id === `tab-${state.tab}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    const theme = state.theme || (dark ? "dark" : "light");
    const before = root.dataset.theme;
    root.dataset.theme = theme;
    document.getElementById("theme-button").textContent = theme === "dark" ? "Light" : "Dark";
    const { set_props } = window.dash_clientside;
    set_props("page-k", { options: facts.k, value: state.k });
    set_props("page-convention", { options: facts.conventions, value: state.convention || null });
    pick(state, picks, { theme, stamp: facts.stamp });
    return theme === before ? nothing() : theme;
  }

  /* Arrow keys go from tab to tab. */
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest && event.target.closest("[role=tab]");
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !way) return;
    const tabs = [...document.querySelectorAll("[role=tab]")];
    const next = tabs[(tabs.indexOf(tab) + way + tabs.length) % tabs.length];
    event.preventDefault();
    next.focus();
    next.click();
  });

  return {
    merge,
    change,
    choose_tab,
    choose_theme,
    choose_k: of_control("k"),
    choose_convention: of_control("convention"),
    choose_score: of_control("score"),
    choose_pair: of_control("pair"),
    choose_x: of_control("x"),
    choose_y: of_control("y"),
    choose_level: of_control("level"),
    choose_colour: of_control("colour"),
    choose_study: of_control("study"),
    choose_other: of_control("other"),
    show,
  };
})();
