-- Sentences about learning records that look wrong.
with

unknown_needs as (
    select count(*) as n, min(skill_id) as example from lost_prerequisites
),

answers as (
    select
        count(*) as n,
        avg(is_correct::integer) as share,
        count(*) filter (seconds > 3600) as n_long,
        count(seconds) as n_timed
    from fresh.interactions
),

uses as (
    select count(rating) as n, min(rating) as low, max(rating) as high from fresh.ratings
)

select 'skills.csv: ' || n || if(n = 1, ' prerequisite is', ' prerequisites are')
    || ' left out because there is no such skill, for example one of ' || example || '.'
from unknown_needs
where n > 0

union all

select 'interactions.csv: all ' || format('{:,}', n) || ' answers are '
    || if(share = 1, 'correct', 'wrong') || '. Look at the column correct.'
from answers
where n >= 100 and share in (0, 1)

union all

select 'interactions.csv: ' || format('{:,}', n_long)
    || ' answers took more than an hour. The column seconds may hold milliseconds.'
from answers
where n_timed >= 100 and n_long > n_timed / 10

union all

select 'ratings.csv: all ' || format('{:,}', n) || ' ratings are ' || format('{:g}', low)
    || '. Nobody can tell from them what students like.'
from uses
where n >= 100 and low = high
