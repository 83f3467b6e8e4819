-- grain: one row per record of ratings.csv, one use of a resource, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    {student: studentSourcedId, resource: resourceSourcedId, moment: as_moment(usedAt)} as key,
    null::date as anchor,
    studentSourcedId as student_id,
    resourceSourcedId as resource_id,
    as_moment(usedAt) as moment,
    as_number(rating) as rating,
    as_number(minutes) as minutes,
    as_truth(completed) as is_completed,
    case
        when deletes(
            status,
            not is_blank(studentSourcedId) and not is_blank(resourceSourcedId)
            and as_moment(usedAt) is not null
        ) then 'status|tobedeleted'
        when resourceSourcedId not in (select resource_id from fresh.resources)
            then 'resourceSourcedId|unknown resource'
        else coalesce(
            unfit_student(studentSourcedId),
            unfit_moment('usedAt', usedAt),
            unfit_range('rating', rating, 1, 5),
            unfit_amount('minutes', minutes),
            unfit_truth('completed', completed)
        )
    end as problem
from raw
