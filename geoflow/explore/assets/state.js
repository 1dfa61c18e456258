/* The state of the page in its address: changes go in, and what is shown follows. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.geoflow = (() => {
  "use strict";
  const nothing = () => window.dash_clientside.no_update;

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

  function written(key, value) {
    if (value === null || value === undefined) return "";
    return Array.isArray(value) ? ranges(value) : String(value);
  }

  /* Put what panels asked for into the address. */
  function merge() {
    const asked = window.dash_clientside.callback_context.triggered;
    const address = new URLSearchParams(window.location.search);
    for (const { value } of asked) {
      for (const [key, one] of Object.entries(value || {})) {
        const text = written(key, one);
        if (text === "") address.delete(key);
        else address.set(key, text);
      }
    }
    const text = address.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
    const search = text ? `?${text}` : "";
    if (search !== window.location.search) {
      window.dash_clientside.set_props("url", { search });
    }
  }

  function choose_tab() {
    const [one] = window.dash_clientside.callback_context.triggered;
    return one && one.value ? { tab: one.prop_id.split(".")[0].replace("tab-", "") } : nothing();
  }

  /* Show the tab and the theme of the state. */
  function show(state) {
    if (!state) return nothing();
    document.documentElement.dataset.tab = state.tab;
    for (const tab of document.querySelectorAll("[role=tab]")) {
      const chosen = tab.id === `tab-${state.tab}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    const theme = state.theme || (dark ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    const button = document.getElementById("theme-button");
    if (button) button.textContent = theme === "dark" ? "Light" : "Dark";
    return theme;
  }

  return { merge, choose_tab, show };
})();
