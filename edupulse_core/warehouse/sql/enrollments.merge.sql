insert into fresh.enrollments
select key, class_id, school_id, user_id, role, begin_date, end_date from accepted;

insert into fresh.enrollments
select old.*
from earlier.enrollments as old
left join class_terms using (class_id)
where
    enrollment_id not in (select key from accepted)
    and not exists (
        from covered
        where
            coalesce(old.begin_date, class_terms.first_start) >= covered.start_date
            and coalesce(old.begin_date, class_terms.first_start) < covered.end_date
    )
