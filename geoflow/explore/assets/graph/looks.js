/* What colours mean: of edges a curvature in ten bins, of points a class or a number. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  const G = window.geoflowGraph;

  function remembered(make) {
    const known = new Map();
    return (at) => {
      if (!known.has(at)) known.set(at, make(at));
      return known.get(at);
    };
  }

  /* Edges of each layer by bins of a curvature, the same bins in every layer, or those given. */
  function edgeLook(network, kind, theme, given) {
    const places = network.layers.map((_, at) => at);
    const breaks = given || G.evenBreaks(places.map((at) => network.curvature(kind, at)));
    const of = remembered((at) => {
      const values = network.curvature(kind, at);
      const bin = G.bins(values, breaks);
      const counts = new Uint32Array(10);
      for (const one of bin) counts[Math.min(one, 9)]++;
      const lists = [...counts].map((count) => new Uint32Array(count));
      const fill = new Uint32Array(10);
      for (let e = 0; e < bin.length; e++) {
        const b = Math.min(bin[e], 9);
        lists[b][fill[b]++] = e;
      }
      const sorted = Float32Array.from(values).sort();
      return { values, lists, sorted };
    });
    return { of, breaks, colours: G.DIVERGING[theme], title: kind.replaceAll("_", " ") };
  }

  function classLook(network, name, names) {
    const colours = G.CLASSES;
    const numbers = network.arrays[name];
    const bin = Uint8Array.from(numbers, (one) => (one < 0 ? 255 : one % colours.length));
    return {
      of: () => ({ bin, colours }), colours,
      names: names.map((one, at) => [one, colours[at % colours.length]]),
      value: (i) => (numbers[i] < 0 ? "none" : names[numbers[i]]),
    };
  }

  function correctLook(network) {
    const { label, predicted } = network.arrays;
    const bin = Uint8Array.from(label, (one, i) => (one === predicted[i] ? 1 : 0));
    return {
      of: () => ({ bin, colours: G.CORRECT }),
      names: [["misclassified", G.CORRECT[0]], ["correct", G.CORRECT[1]]],
      value: (i) => (bin[i] ? "correct" : "misclassified"),
    };
  }

  /* Numbers of points, a list for each layer or one for all. */
  function numberLook(network, values, { theme, breaks: given }, isSigned = false) {
    const all = network.layers.map((_, at) => values(at));
    const breaks = given || G.wideBreaks(all, isSigned);
    const colours = isSigned ? G.DIVERGING[theme] : G.SEQUENTIAL[theme];
    const of = remembered((at) => ({ bin: G.bins(values(at), breaks), colours }));
    return { of, breaks, colours, value: (i, at) => G.shown(values(at)[i]) };
  }

  const signed = (values) => {
    let below = 0, above = 0;
    for (const one of values) { if (one < 0) below++; if (one > 0) above++; }
    return Math.min(below, above) > values.length / 50;
  };

  /* The choices of colours of points that a network has: what the address says, and a title. */
  function pointChoices(network) {
    const { arrays, facts } = network;
    const found = [];
    if (arrays.label) found.push(["class", "class"]);
    if (arrays.predicted) found.push(["predicted", "predicted class"], ["correct", "correctness"]);
    found.push(["degree", "degree"], ["curvature", "mean curvature of its edges"]);
    found.push(["hops", "hops from the first selected"], ["component", "component"]);
    for (const one of facts.scores) {
      if (one !== "is_correct") found.push([`score:${one}`, one.replaceAll("_", " ")]);
    }
    return found;
  }

  function componentLook(network) {
    const of = remembered((at) => {
      const found = new Int32Array(network.n).fill(-1);
      for (let i = 0, next = 0; i < network.n; i++) {
        if (found[i] >= 0) continue;
        const { hops } = network.hops(at, i);
        for (let j = 0; j < network.n; j++) if (hops[j] >= 0) found[j] = next;
        next++;
      }
      return found;
    });
    const colours = G.CLASSES;
    return {
      of: remembered((at) => ({ bin: Uint8Array.from(of(at), (one) => one % 10), colours })),
      names: [["each component has a colour; ten, then again", colours[0]]],
      value: (i, at) => String(of(at)[i]),
    };
  }

  /* The colours of points for a choice. */
  function pointLook(network, choice, how) {
    const { kind, selection } = how;
    const { facts, arrays } = network;
    if (choice === "class" || choice === "predicted") {
      return classLook(network, choice === "class" ? "label" : "predicted", facts.classes);
    }
    if (choice === "correct") return correctLook(network);
    if (choice === "component") return componentLook(network);
    if (choice === "curvature") {
      const values = remembered((at) => network.atPoints(kind, at));
      return numberLook(network, values, how, signed(values(0)));
    }
    if (choice === "hops" && selection.length) {
      const start = selection.find((i) => i < network.n);
      const values = remembered((at) => Float32Array.from(
        network.hops(at, start || 0).hops, (one) => (one < 0 ? NaN : one)));
      return numberLook(network, values, how);
    }
    if (choice.startsWith("score:") && network.scores.has(choice.slice(6))) {
      const values = network.scores.get(choice.slice(6));
      return numberLook(network, () => values, how, signed(values));
    }
    if (choice === "degree" || !arrays.label) {
      return numberLook(network, remembered((at) => Float32Array.from(network.degree(at))), how);
    }
    return classLook(network, "label", facts.classes);
  }

  Object.assign(G, { edgeLook, pointLook, pointChoices });
})();
