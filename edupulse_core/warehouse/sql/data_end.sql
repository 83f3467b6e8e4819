-- One row: the Sunday of the latest week with a record.
create or replace temp table data_end as
select (date_trunc('week', max(date)) + interval 6 days)::date as last_day
from (
    select max(date) as date from fresh.attendance
    union all
    select max(date) from fresh.incidents
    union all
    select max(date) from fresh.withdrawals
    union all
    select max(score_date) from fresh.results
    where score_status in ('fully graded', 'partially graded')
        and (score is not null or letter is not null)
)
