-- One row: how many students there are, and how many instructional weeks with data.
select
    (select count(*) from students),
    (
        select count(distinct date_trunc('week', date))
        from fresh.student_days
        where date <= (select last_day from data_end)
    )
