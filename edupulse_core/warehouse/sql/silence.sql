-- grain: one row per school and day before $today on which it has students: how many, and how many
-- attendance rows came of them. A student-day belongs to one school.
with

rows_of_day as (
    select student_id, date, count(*) as n from attendance group by all
)

select
    student_days.school_id,
    student_days.date,
    count(*)::integer as n_students,
    coalesce(sum(rows_of_day.n), 0)::integer as n_rows
from student_days
left join rows_of_day using (student_id, date)
where student_days.date < $today::date
group by all
order by all
