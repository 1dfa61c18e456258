/* Starts the panel in a file of its own: see geoflow/explore/graphfile.py. The page has no such data. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const place = document.getElementById("graph-given");
  if (!place) return;
  const G = window.geoflowGraph;
  const { state, networks } = JSON.parse(place.textContent);

  G.fetched = async (what, { network }) => {
    const text = (networks[network] || {})[what];
    if (!text) throw new Error("This file does not hold that: open the page over the store.");
    return G.unpacked(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer);
  };
  window.dash_clientside.set_props = () => {};
  window.dash_clientside.geoflow.draw_graph(state, document.documentElement.dataset.theme, { stamp: 0 });
  const names = ["layout", "dimensions", "html", ...(state.other ? [] : ["other"])];
  for (const name of names) {
    const one = G.part(name);
    (one.closest("label") || one).style.display = "none";
  }
  if (!state.other) G.part("other").closest("section").style.display = "none";
});
