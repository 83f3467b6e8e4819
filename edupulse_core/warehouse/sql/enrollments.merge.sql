insert into fresh.enrollments
select key, class_id, school_id, user_id, role, begin_date, end_date from accepted;

-- A bulk file holds everyone of the groups, a school's classes of the same terms, of which it has a
-- live row: whom it lacks leaves on the day of the import, or never comes. Other groups stay.
insert into fresh.enrollments
with

groups as (
    select class_id, {school: school_id, terms: list_sort(list_distinct(term_ids))} as class_group
    from fresh.classes
),

brought as (
    select distinct groups.class_group
    from accepted
    join groups using (class_id)
    where accepted.is_live and not getvariable('is_delta')
),

standing as (   -- with a deleted class go its enrollments
    select
        old.*,
        coalesce(old.begin_date, terms.first_start) as start_date,
        coalesce(old.end_date, terms.last_end) as last_end,
        groups.class_group in (from brought)
        and old.enrollment_id not in (select key from checked where key is not null and is_listed)
            as is_lacking
    from earlier.enrollments as old
    join groups using (class_id)
    left join class_terms as terms using (class_id)
    where
        old.enrollment_id not in (select key from accepted)
        and old.enrollment_id not in (select key from gone)
)

select
    enrollment_id,
    class_id,
    school_id,
    user_id,
    role,
    begin_date,
    if(is_lacking and coalesce(last_end > getvariable('today'), true), getvariable('today'), end_date)
from standing
where not (is_lacking and coalesce(start_date >= getvariable('today'), false));

create or replace temp table ended_today as   -- grain: one row; their rows say so from now on
select count(*) as n
from fresh.enrollments as enrollment
join earlier.enrollments as old using (enrollment_id)
where
    enrollment.end_date = getvariable('today')
    and enrollment.end_date is distinct from old.end_date
    and enrollment.enrollment_id not in (select key from accepted)
