/* Figures, rows and SQL as files: made in the browser, or by the server of this page. */
(() => {
  "use strict";

  function keep(content, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async function save(button) {
    const { save: kind, name } = button.dataset;
    const graph = document.querySelector(`#graph-${CSS.escape(name)} .js-plotly-plot`);
    if (!graph) return;
    if (kind === "html") {
      const figure = { data: graph.data, layout: graph.layout };
      const answer = await fetch("figure.html", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(figure),
      });
      if (answer.ok) keep(await answer.blob(), `${name}.html`);
      return;
    }
    const { offsetWidth: width, offsetHeight: height } = graph;
    const image = { format: kind, width, height, scale: kind === "png" ? 2 : 1 };
    const url = await window.Plotly.toImage(graph, image);
    keep(await (await fetch(url)).blob(), `${name}.${kind}`);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button[data-save]");
    if (button) save(button);
  });
})();
