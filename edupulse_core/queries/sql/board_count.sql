-- grain: one row, how many active students are enrolled in the latest week.
select count(*) as n_students from board
