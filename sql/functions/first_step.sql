-- title:   Layer that the first step of a coefficient starts from
-- formula: 1 for start 'hidden', as in the paper; 0 for start 'input'
-- source:  Baptista et al. 2024, Eq. 8
-- grain:   scalar
-- example: select first_step('hidden')
create or replace macro first_step(start) as case start when 'hidden' then 1 when 'input' then 0 end;
