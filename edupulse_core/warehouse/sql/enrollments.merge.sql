insert into fresh.enrollments
select key, class_id, school_id, user_id, role, begin_date, end_date from accepted;

insert into fresh.enrollments
with

first_starts as (   -- of the classes as they were then: this bundle may have removed them
    select class.class_id, min(session.start_date) as first_start
    from earlier.classes as class, unnest(class.term_ids) as term(session_id)
    join earlier.academic_sessions as session using (session_id)
    group by all
)

select old.*
from earlier.enrollments as old
left join first_starts using (class_id)
where
    enrollment_id not in (select key from accepted)
    and not exists (
        from covered
        where
            coalesce(old.begin_date, first_start) >= covered.start_date
            and coalesce(old.begin_date, first_start) < covered.end_date
    )
