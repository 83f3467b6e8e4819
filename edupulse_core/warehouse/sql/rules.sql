-- What counts as absent too often, as failing and as a behavior problem: each rule is stated here
-- and nowhere else. Thresholds are a district's own, so every one of them is an argument.

-- Thresholds compare values to nine decimals, so that exactly .60 is .60 however it was summed.
create or replace macro rounded(value) as round(value, 9);

-- Actions that take a student out of class.
create or replace macro is_removal(action) as
    action in ('in_school_suspension', 'out_of_school_suspension', 'expulsion');

create or replace macro is_failing(course_mean, failing_below) as
    rounded(course_mean) < failing_below;

-- Flag A, attendance. Null where the rate is unknown.
create or replace macro flag_a(absence_rate, chronic_rate) as
    rounded(absence_rate) >= chronic_rate;

-- Flag B, behavior.
create or replace macro flag_b(is_removed, n_incidents, incidents) as
    is_removed or n_incidents >= incidents;

-- Whether a student was suspended or expelled. Days are unknown with incidents known only where a
-- removal came without them.
create or replace macro was_removed(days_removed, n_incidents) as
    coalesce(days_removed > 0, if(n_incidents is not null, true, null));

-- Flag C, courses.
create or replace macro flag_c(n_failing) as n_failing > 0;

-- The three flags in one number, 0 to 1; an unknown flag adds nothing.
create or replace macro severity_of(a, b, c, weight_a, weight_b, weight_c) as rounded(
    weight_a * coalesce(a, false)::integer
    + weight_b * coalesce(b, false)::integer
    + weight_c * coalesce(c, false)::integer
);
