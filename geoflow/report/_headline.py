"""The headline of studies beside that of the paper, as one table."""

import polars as pl


def headline_table(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per quantity, one column per study, and ``published`` if there is any.

    rows: the answer to the question `headline`. Columns are named
    after the study, with the convention where there are several.

    >>> rows = pl.DataFrame({"study": "one", "convention": "directed",
    ...     "quantity": ["networks", "p"], "value": [12.0, None], "published": [None, 0.023]})
    >>> headline_table(rows).rows()
    [('networks', 12.0, None), ('p', None, 0.023)]
    """
    several = rows["convention"].n_unique() > 1
    columns: list[pl.Series] = []
    for (study, convention), part in rows.group_by("study", "convention", maintain_order=True):
        name = f"{study} {convention}" if several else str(study)
        if not columns:
            columns.append(part["quantity"])
        columns.append(part["value"].alias(name))
    known = rows.drop_nulls("published")
    if not known.is_empty():
        paper = dict(known.select("quantity", "published").iter_rows())
        values = [paper.get(quantity) for quantity in columns[0]]
        columns.append(pl.Series("published", values, dtype=pl.Float64))
    return pl.DataFrame(columns)


def as_words(table: pl.DataFrame) -> pl.DataFrame:
    """Return a headline table with its numbers as people write them; '-' is not known.

    >>> as_words(pl.DataFrame({"quantity": ["networks", "p"], "a": [1512.0, None]})).rows()
    [('networks', '1,512'), ('p', '-')]
    """
    quantities = table["quantity"]
    return table.with_columns(
        pl.Series(
            name, [in_words(*pair) for pair in zip(quantities, table[name], strict=True)], pl.String
        )
        for name in table.columns[1:]
    )


def in_words(quantity: str, value: float | None) -> str:
    """Return a number of the headline as text.

    >>> in_words("share negative", 0.932), in_words("p", 0.0229), in_words("networks", 1512)
    ('93.2 %', '0.023', '1,512')
    """
    if value is None:
        return "-"
    if quantity.startswith("share"):
        return f"{100 * value:.1f} %"
    if quantity.startswith("t "):
        return f"{value:.2f}"
    return f"{value:.2g}" if quantity == "p" else f"{value:,.0f}"
