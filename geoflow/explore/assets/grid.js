/* What the grid of networks asks of the state, and what it shows of it. */
Object.assign(window.dash_clientside.geoflow, (() => {
  "use strict";
  const nothing = () => window.dash_clientside.no_update;
  const change = (...words) => window.dash_clientside.geoflow.change(...words);

  function choose_row(rows, state) {
    const row = Array.isArray(rows) ? rows[0] : null; // {ids} where the page chose it
    if (!row || !state || !row.network) return nothing();
    const convention = row.convention || state.convention;
    if (row.network === state.network && convention === state.convention) return nothing();
    return { network: row.network, convention };
  }

  function show_row(asked, rows) {
    if (!asked || !rows) return nothing();
    const mine = rows.filter((row) => row.network === asked.network);
    const row = mine.find((one) => one.convention === asked.convention) || mine[0];
    return row ? { ids: [row.row] } : [];
  }

  /* A grid whose columns have not come yet has no order and no filter of its own. */
  function choose_order(columns, state, given) {
    if (!columns || !columns.length || !state || !given) return nothing();
    const sorted = columns.filter((one) => one.sort);
    const first = sorted.sort((a, b) => (a.sortIndex || 0) - (b.sortIndex || 0))[0];
    const way = first && first.sort === "desc" ? "-desc" : "";
    return change(state, "sort", first ? `${first.colId}${way}` : "");
  }

  function choose_filter(model, state, given) {
    if (!model || !given) return nothing();
    const text = model && Object.keys(model).length ? JSON.stringify(model) : "";
    return change(state, "filter", text);
  }

  function show_filter(asked, columns) {
    if (!columns || !columns.length) return nothing();
    try {
      const model = Object.entries((asked && asked.filter && JSON.parse(asked.filter)) || {});
      return Object.fromEntries(model.filter(([name]) => columns.some((one) => one.field === name)));
    } catch {
      return {};
    }
  }

  function choose_columns(names, state, given) {
    if (!names || !names.length || !given || names.join() === given.columns.join()) return nothing();
    return change(state, "columns", names.join(","));
  }

  function choose_snapshots(value, state) {
    return value ? change(state, "snapshots", value.length ? 1 : 0) : nothing();
  }

  const show_snapshots = (asked) => (asked && asked.snapshots ? ["1"] : []);

  return {
    choose_row, show_row, choose_order, choose_filter, show_filter,
    choose_columns, choose_snapshots, show_snapshots,
  };
})());
