-- Arithmetic that several features share.

create or replace temp macro known(value) as (value is not null)::integer;

-- Least-squares slope per row over four consecutive rows, oldest first; null with fewer than two known.
create or replace temp macro slope_of_4(a, b, c, d) as (
    (known(a) + known(b) + known(c) + known(d))
    * (coalesce(b, 0) + 2 * coalesce(c, 0) + 3 * coalesce(d, 0))
    - (known(b) + 2 * known(c) + 3 * known(d))
    * (coalesce(a, 0) + coalesce(b, 0) + coalesce(c, 0) + coalesce(d, 0))
) / nullif(
    (known(a) + known(b) + known(c) + known(d)) * (known(b) + 4 * known(c) + 9 * known(d))
    - (known(b) + 2 * known(c) + 3 * known(d)) * (known(b) + 2 * known(c) + 3 * known(d)),
    0
);

-- Population standard deviation of the known values; null with none.
create or replace temp macro spread_of_8(a, b, c, d, e, f, g, h) as
    list_aggregate([a, b, c, d, e, f, g, h], 'stddev_pop');
