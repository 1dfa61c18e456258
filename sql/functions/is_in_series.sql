-- title:   Whether the step from a layer is in a series of layers
-- formula: l >= first_step(start), and the step to the output only where the series ends there
-- source:  Baptista et al. 2024, Eq. 8 (hidden, hidden); Hehl, von Renesse, Weber 2025 (input, output)
-- grain:   scalar
-- example: select is_in_series(0, false, 'hidden', 'output')
create or replace macro is_in_series(layer, is_to_output, start, series_end) as
    layer >= first_step(start) and (series_end = 'output' or not is_to_output);
