/* What the panel says in words: the row of a point, the legend, the selection. Text, never markup. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const G = window.geoflowGraph;
  const count = (n) => n.toLocaleString("en");

  function rows(pairs) {
    return pairs.map(([name, value]) => {
      const row = G.made("div", undefined, "row");
      row.append(G.made("span", name, "name"), G.made("span", value, "value"));
      return row;
    });
  }

  /* The row of a point: what is known of it in the layer that is shown. */
  function pointRows(view, point) {
    const { network, picture } = view, { arrays, facts } = network, { at } = picture;
    const pairs = [["point", String(point)]];
    const name = (numbers) => (numbers[point] < 0 ? "none" : facts.classes[numbers[point]]);
    if (arrays.label) pairs.push(["class", name(arrays.label)]);
    if (arrays.predicted) {
      const is = arrays.label[point] === arrays.predicted[point] ? "" : "  (wrong)";
      pairs.push(["predicted", name(arrays.predicted) + is]);
    }
    if (arrays.margin) pairs.push(["margin", G.shown(arrays.margin[point])]);
    pairs.push(["degree", String(network.degree(at)[point])]);
    const kind = (picture.look.edges && picture.look.edges.kind) || "forman";
    const means = atPoints(network, kind, at);
    pairs.push([`mean ${kind.replaceAll("_", " ")}`, G.shown(means[point])]);
    for (const [score, values] of network.scores) {
      pairs.push([score.replaceAll("_", " "), G.shown(values[point])]);
    }
    const [first] = picture.selection;
    if (first !== undefined && first < network.n && first !== point) {
      const hops = hopsFrom(network, at, first)[point];
      pairs.push([`hops from ${first}`, hops < 0 ? "no path" : String(hops)]);
    }
    return rows(pairs);
  }

  const kept = { key: "", values: null };
  function atPoints(network, kind, at) {
    const key = `${kind} ${at}`;
    if (kept.key !== key || kept.network !== network) {
      Object.assign(kept, { key, network, values: network.atPoints(kind, at) });
    }
    return kept.values;
  }

  const searched = { key: "", hops: null };
  function hopsFrom(network, at, start) {
    const key = `${at} ${start}`;
    if (searched.key !== key || searched.network !== network) {
      Object.assign(searched, { key, network, hops: network.hops(at, start).hops });
    }
    return searched.hops;
  }

  function swatch(colour, text) {
    const row = G.made("div", undefined, "swatch");
    const box = G.made("i");
    box.style.background = colour;
    row.append(box, G.made("span", text));
    return row;
  }

  function scale({ colours, breaks }) {
    const bar = G.made("div", undefined, "scale");
    for (const colour of colours) {
      const box = G.made("i");
      box.style.background = colour;
      bar.append(box);
    }
    const ends = G.made("div", undefined, "ends");
    const said = breaks.length
      ? [`< ${G.shown(breaks[0])}`, G.shown(breaks[4]), `≥ ${G.shown(breaks[8])}`] : ["", "none", ""];
    ends.append(...said.map((one) => G.made("span", one)));
    return [bar, ends];
  }

  function tellLegend({ picture }) {
    const { edges, points } = picture.look;
    const of_points = points.names
      ? points.names.slice(0, 24).map(([name, colour]) => swatch(colour, name)) : scale(points);
    if (points.names && points.names.length > 10) {
      of_points.push(G.made("p", "More than ten classes: colours come again.", "hint"));
    }
    G.part("points-legend").replaceChildren(...of_points);
    G.part("edges-legend").replaceChildren(...(edges ? scale(edges) : []));
    const thin = G.part("thin");
    if (!edges) { thin.textContent = ""; return; }
    const { all, kept: drawn, asked } = picture.thinning(picture.at);
    const which = drawn < all ? ` of ${count(all)}, those of most negative curvature` : "";
    const why = drawn < asked ? `; a picture holds ${count(G.MOST_EDGES)} at most` : "";
    thin.textContent = `${count(drawn)} edges${which}${why}.`;
  }

  function tellSelection(panel) {
    const { network, picture } = panel.main;
    const chosen = picture.selection.filter((i) => i < network.n);
    const left = picture.selection.length - chosen.length;
    const parts = [];
    if (!chosen.length) {
      parts.push(G.made("p", "Click a point for its neighbours and hops; Shift-click a second for"
        + " the shortest path; drag with Shift, or with Lasso on, to select many.", "hint"));
    } else if (chosen.length === 1) parts.push(...one(panel.main, chosen[0]));
    else parts.push(...several(panel.main, chosen));
    const { beside } = panel;
    const there = beside.network ? chosen.filter((i) => i < beside.network.n) : [];
    if (there.length) parts.push(...inOther(panel, there));
    if (left) parts.push(G.made("p", `${count(left)} selected points are not in this network.`, "hint"));
    G.part("selection").replaceChildren(...parts);
    G.part("clear").hidden = !picture.selection.length;
  }

  /* The neighbours of a point in the layer that a view shows, in order. */
  function neighbours({ network, picture }, point) {
    const { starts, near } = network.adjacent(picture.at);
    return [...near.subarray(starts[point], starts[point + 1])].sort((a, b) => a - b);
  }

  function one(view, point) {
    const { network, picture } = view;
    const hops = hopsFrom(network, picture.at, point);
    const counts = [];
    let missing = 0;
    for (const h of hops) { if (h < 0) missing++; else counts[h] = (counts[h] || 0) + 1; }
    const row = neighbours(view, point);
    const most = Math.max(...counts.slice(1), 1);
    const bars = counts.slice(1, 31).map((n, at) => {
      const bar = G.made("div", undefined, "bar");
      const fill = G.made("i");
      fill.style.width = `${(100 * n) / most}%`;
      bar.append(G.made("span", String(at + 1), "name"), fill, G.made("span", count(n), "value"));
      return bar;
    });
    const shown = row.slice(0, 40).join(", ") + (row.length > 40 ? ", …" : "");
    return [
      ...pointRows(view, point),
      G.made("h4", "Points at so many hops"), ...bars,
      ...(missing ? [G.made("p", `${count(missing)} points have no path from it.`, "hint")] : []),
      G.made("h4", `${count(row.length)} neighbours`), G.made("p", shown, "list"),
    ];
  }

  function path({ network, picture }, ends) {
    const way = network.path(picture.at, ...ends);
    return way.length
      ? `${way.length - 1} hops: ${way.join(" → ")}` : "There is no path between them in this layer.";
  }

  /* Edges among chosen points, and from them to others. */
  function edgesOf({ network, picture }, chosen) {
    const inside = new Set(chosen), ends = network.edges(picture.at);
    let within = 0, across = 0;
    for (let e = 0; e < ends.length; e += 2) {
      const both = inside.has(ends[e]) + inside.has(ends[e + 1]);
      if (both === 2) within++; else if (both === 1) across++;
    }
    return rows([["edges among them", count(within)], ["edges to others", count(across)]]);
  }

  /* The same points in the network beside. */
  function inOther({ main, beside }, chosen) {
    const parts = [G.made("h4", `In ${beside.network.facts.network}`)];
    if (chosen.length === 2) return [...parts, G.made("p", path(beside, chosen), "list")];
    if (chosen.length > 2) return [...parts, ...edgesOf(beside, chosen)];
    const here = new Set(neighbours(main, chosen[0])), there = neighbours(beside, chosen[0]);
    const both = there.filter((i) => here.has(i)).length;
    return [...parts, ...rows([["neighbours", count(there.length)], ["neighbours in both", count(both)]])];
  }

  function several(view, chosen) {
    const { network } = view;
    const parts = [G.made("p", `${count(chosen.length)} points selected`, "lead")];
    if (chosen.length === 2) {
      return [...parts, G.made("h4", "Shortest path"), G.made("p", path(view, chosen), "list")];
    }
    const { label } = network.arrays;
    if (label) {
      const counts = new Map();
      for (const i of chosen) {
        const name = label[i] < 0 ? "none" : network.facts.classes[label[i]];
        counts.set(name, (counts.get(name) || 0) + 1);
      }
      parts.push(...rows([...counts].sort((a, b) => b[1] - a[1]).slice(0, 12)
        .map(([name, n]) => [name, count(n)])));
    }
    return [...parts, ...edgesOf(view, chosen)];
  }

  Object.assign(G, { pointRows, tellLegend, tellSelection });
})();
