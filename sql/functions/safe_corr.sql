-- title:   Pearson correlation, NULL where there is none
-- formula: corr(y, x) in [-1, 1], 0 if within 1e-12 of it; NULL where y or x does not vary by more than rounding over the
--          pairs that have both, or by so much that a sum of squares is beyond a double
-- source:  geoflow: corr of a constant is NaN, of what is constant but for rounding it is noise, as is the sign of a zero
-- grain:   aggregate
-- example: select safe_corr(total_geodesic, total_forman) from graphs
create or replace macro safe_corr(y, x, unit := 0) as
    case
        when varies(if(x is null, null, y), unit := unit) and varies(if(y is null, null, x), unit := unit)
            and isfinite(corr(y, x)) and isfinite(regr_sxx(y, x)) and isfinite(regr_syy(y, x))
            then if(abs(corr(y, x)) < 1e-12, 0.0, bounded(corr(y, x), -1.0, 1.0))
    end;
