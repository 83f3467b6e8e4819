-- grain: one row per time that a student used a resource, up to the end of $day.
-- $students null: every student. The last 1 - $share of a student's uses are for the test, and
-- those at the same moment as the first of them; with $share 1 there are none. With a day $since,
-- the uses from that day on are for the test instead.
with

used as (
    select
        student_id,
        resource_id,
        used_at,
        rating,
        ratings.minutes,
        coalesce(is_completed, false) as is_completed,
        row_number() over (partition by student_id order by used_at, resource_id) as place,
        count(*) over (partition by student_id) as uses
    from ratings
    join resources using (resource_id)
    where
        used_at < $day::date + interval 1 day
        and ($students::varchar[] is null or list_contains($students::varchar[], student_id))
),

final as (
    select
        student_id,
        resource_id,
        used_at,
        rating,
        minutes,
        is_completed,
        coalesce(
            used_at >= coalesce(
                $since::timestamp,
                min(used_at) filter (where place > floor(uses * $share))
                    over (partition by student_id)
            ),
            false
        ) as is_after
    from used
    order by student_id, used_at, resource_id
)

select * from final
