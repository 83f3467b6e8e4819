-- grain: one row per student of the week that begins on $monday.
select student_id, school_id from student_weeks where week_start = $monday::date
