-- A bulk file replaces the time from its first row's stretch to its last row's.
insert into covered
with

brought as (
    select min(anchor) as first_day, max(anchor) as last_day from checked where problem is null
),

final as (
    select min(stretches.start_date) as start_date, max(stretches.end_date) as end_date
    from stretches
    join brought
        on stretches.start_date <= brought.last_day and stretches.end_date > brought.first_day
)

select getvariable('file'), start_date, end_date from final where start_date is not null
