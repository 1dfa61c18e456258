/* The console of SQL: what is asked, and the keys that ask it. */
Object.assign(window.dash_clientside.geoflow, (() => {
  "use strict";
  const nothing = () => window.dash_clientside.no_update;
  const token = () => crypto.randomUUID();

  function ask_sql(n, sql) {
    if (!n || !sql) return [nothing(), nothing()];
    return [{ token: token(), sql }, { sql }];
  }

  function show_sql(asked, text, before) {
    const sql = (asked && asked.sql) || text;
    if (!asked || (before && before.sql === sql)) return [nothing(), nothing()];
    return [sql, { token: token(), sql }];
  }

  function open_point(click) {
    const point = click && click.points && click.points[0];
    return point && point.customdata ? { network: point.customdata[0], tab: "numbers" } : nothing();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "sql-text") {
      event.preventDefault();
      event.target.blur();
      event.target.focus();
      document.getElementById("sql-run").click();
    }
  });

  return { ask_sql, show_sql, open_point };
})());
