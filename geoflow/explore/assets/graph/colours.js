/* Colours that stay apart for the colour-blind: classes, scales, and bins of numbers. */
window.geoflowGraph = window.geoflowGraph || {};
(() => {
  "use strict";
  /* Classes: Petroff 2021, ten that stay apart in every kind of colour vision. */
  const CLASSES = ["#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300",
    "#b9ac70", "#717581", "#92dadd"];
  /* Diverging, most negative first: ColorBrewer's RdBu on light ground, its dark twin on dark. */
  const DIVERGING = {
    light: ["#8e0b26", "#b2182b", "#d6604d", "#ec9475", "#e3bfae", "#b3c6d6", "#85b4d4", "#4393c3",
      "#2166ac", "#0b3a70"],
    dark: ["#ff8a70", "#f0644c", "#c94f3d", "#94443a", "#5f3a38", "#34475a", "#38648a", "#4687ba",
      "#62a9de", "#9ccfff"],
  };
  /* One way: viridis, which grows in lightness, without its end that the ground swallows. */
  const SEQUENTIAL = {
    light: ["#440154", "#472373", "#414084", "#365b8c", "#2c738e", "#248a8c", "#23a286", "#36b778",
      "#67cb5c", "#a3da37"],
    dark: ["#3e4889", "#34618d", "#2b768e", "#248b8c", "#21a087", "#32b47b", "#5bc663", "#8dd544",
      "#c5e02a", "#fde725"],
  };
  const CORRECT = ["#D55E00", "#0072B2"];
  const NONE = { light: "#b8bec6", dark: "#56606c" };

  /* Numbers at shares of sorted numbers. */
  function quantiles(sorted, shares) {
    return shares.map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  }

  function sortedSample(arrays, most) {
    const total = arrays.reduce((sum, one) => sum + one.length, 0);
    const step = Math.max(1, Math.ceil(total / most));
    const kept = [];
    for (const one of arrays) {
      for (let i = 0; i < one.length; i += step) if (!Number.isNaN(one[i])) kept.push(one[i]);
    }
    return Float64Array.from(kept).sort();
  }

  /* Nine breaks of ten bins with as many numbers each; where signs differ, 0 is the middle one. */
  function evenBreaks(arrays) {
    const sorted = sortedSample(arrays, 200000);
    if (!sorted.length) return [];
    const shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    const zero = sorted.findIndex((one) => one >= 0);
    const few = sorted.length / 50;
    if (zero < few || zero > sorted.length - few) return quantiles(sorted, shares);
    const below = sorted.subarray(0, zero), above = sorted.subarray(zero);
    return [...quantiles(below, [0.2, 0.4, 0.6, 0.8]), 0, ...quantiles(above, [0.2, 0.4, 0.6, 0.8])];
  }

  /* Nine breaks of ten bins as wide as each other, from the 2nd to the 98th of a hundred. */
  function wideBreaks(arrays, isSigned) {
    const sorted = sortedSample(arrays, 200000);
    if (!sorted.length) return [];
    let [low, high] = quantiles(sorted, [0.02, 0.98]);
    if (isSigned) { high = Math.max(Math.abs(low), Math.abs(high)); low = -high; }
    if (low === high) high = low + 1;
    return Array.from({ length: 9 }, (_, at) => low + ((at + 1) * (high - low)) / 10);
  }

  function bin(breaks, value) {
    let low = 0, high = breaks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value < breaks[middle]) high = middle; else low = middle + 1;
    }
    return low;
  }

  function bins(values, breaks) {
    return Uint8Array.from(values, (one) => (Number.isNaN(one) ? 255 : bin(breaks, one)));
  }

  function shown(value) {
    if (Number.isNaN(value) || value === undefined || value === null) return "none";
    if (Number.isInteger(value)) return String(value);
    return String(Number(value.toPrecision(3)));
  }

  Object.assign(window.geoflowGraph, {
    CLASSES, DIVERGING, SEQUENTIAL, CORRECT, NONE, evenBreaks, wideBreaks, bins, shown,
  });
})();
