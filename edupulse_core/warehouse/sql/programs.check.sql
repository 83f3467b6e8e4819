-- grain: one row per record of programs.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    title,
    as_text(institution) as institution,
    as_whole(tier) as tier,
    as_number(min_gpa) as min_gpa,
    as_number(admit_rate) as admit_rate,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        else coalesce(
            unfit_key(sourcedId),
            unfit_title(title),
            unfit_name('institution', institution),
            unfit_whole('tier', tier),
            unfit_range('tier', tier, 1, 5),
            unfit_amount('min_gpa', min_gpa),
            unfit_range('admit_rate', admit_rate, 0, 1)
        )
    end as problem
from raw
