"""Rows on the page: dash-ag-grid with columns that are text, never markup."""

import math
from typing import Any

import polars as pl
from dash_ag_grid import AgGrid

from geoflow.text.formats import flat_frame
from geoflow.text.shown import shown

LONGEST_SHOWN = 500
"""Characters of a cell that the page shows; files have all of them."""

LARGEST_EXACT = 2**53
"""Integers beyond it are texts: numbers of a browser are doubles."""


def row_grid(name: str, **options: Any) -> AgGrid:
    """Return an empty grid of rows that know their key, ``row``."""
    return AgGrid(
        id=name,
        columnDefs=options.pop("columnDefs", []),
        rowData=options.pop("rowData", []),
        getRowId="params.data.row",
        defaultColDef={"filter": True, "sortable": True, "resizable": True, "minWidth": 80}
        | options.pop("column", {}),
        dashGridOptions={
            "suppressFieldDotNotation": True,
            "animateRows": False,
            "theme": {"function": "themeQuartz"},
            "headerHeight": 34,
            "rowHeight": 30,
        }
        | options.pop("grid", {}),
        className="grid",
        style={"height": "100%"},
        **options,
    )


def holds_numbers(dtype: Any) -> bool:
    """Return whether a column is drawn and sorted as numbers."""
    return bool(dtype.is_numeric())


def cell(value: Any) -> Any:
    r"""Return a value as a grid takes it: a number, a flag, None, or a text that prints.

    >>> cell(0.5), cell(2**60), cell("a" + chr(27)), cell(float("nan"))
    (0.5, '1152921504606846976', 'a\\x1b', 'nan')
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    text = str(value)
    return shown(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}...")


def grid_table(rows: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the columns and the rows of a grid for any frame, by their options."""
    flat = flat_frame(rows)
    columns = [
        {
            "field": f"c{at}",
            "headerName": shown(name),
            "type": "rightAligned" if holds_numbers(dtype) else None,
            "filter": "agNumberColumnFilter" if holds_numbers(dtype) else "agTextColumnFilter",
        }
        for at, (name, dtype) in enumerate(zip(rows.columns, rows.dtypes, strict=True))
    ]
    data = [
        {"row": str(at)} | {f"c{place}": cell(value) for place, value in enumerate(values)}
        for at, values in enumerate(flat.iter_rows())
    ]
    defined = [{key: one for key, one in column.items() if one} for column in columns]
    return {"columnDefs": defined, "rowData": data}
